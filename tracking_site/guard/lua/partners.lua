-- The partners' hours of partners.py.

-- A partner's traffic: hour, count, usual, day, today.
local function partner_at(packed, hour, day)
  local t = {-1, 0, 0, -1, 0}
  if packed then
    t = cmsgpack.unpack(packed)
    if type(t) ~= 'table' or #t ~= 5 then error({err = 'GUARDFOREIGN partner'}) end
  end
  if t[4] ~= day then t[4], t[5] = day, 0 end
  if t[1] < 0 or hour < t[1] - 24 then
    return {hour, 0, math.max(t[3], P.partner_least), day, 0}
  end
  if hour <= t[1] then return t end
  local taught, usual = math.min(t[2], P.partner_factor * t[3]), t[3]
  for _ = 1, math.min(hour - t[1], P.partner_memory_hours) do
    usual = math.max(usual + (taught - usual) / P.partner_memory_hours, P.partner_least)
    taught = 0
  end
  return {hour, 0, usual, t[4], t[5]}
end

local function partner_level_of(traffic, daily)
  if traffic[2] >= P.partner_factor * traffic[3] then return 1 end
  if daily > 0 and daily <= traffic[5] then return 1 end
  return 0
end
