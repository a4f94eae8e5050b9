-- What scripts need of the circuit of rows.py. Its bins are closed there: where the present one is
-- over, a script answers 'turn' before it writes anything.

local BIN, ALARM, NUMBERS, MISSES, HEAVY, HOUR_NUMBERS, FORECAST, USUAL_MISS = 1, 3, 5, 6, 7, 8, 9, 10

-- Returns nil where a bin is to be closed first.
local function site_in(bin, packed)
  local site = packed and cmsgpack.unpack(packed)
  if site and (type(site) ~= 'table' or #site ~= 12) then error({err = 'GUARDFOREIGN circuit'}) end
  return site and site[BIN] - P.bins_an_hour <= bin and bin <= site[BIN] and site or nil
end

local function miss_points(site)
  local p = math.min(math.max(P.miss_rate_factor * site[USUAL_MISS], P.miss_rate_bounds[1]),
    P.miss_rate_bounds[2])
  return math.floor(100 * (1 - p) / p + 0.5)
end

local function view_of(site, siege)
  local alarm, ceilings = siege and 2 or site[ALARM], 0
  if alarm > 0 and site[FORECAST] > 0 then
    local ceiling = P.ceiling_factor * math.max(site[FORECAST], P.ceiling_least)
    if site[HOUR_NUMBERS] >= ceiling then ceilings = 1 end
    if site[HOUR_NUMBERS] >= 2 * ceiling then ceilings = 2 end
  end
  return {alarm = alarm, ceilings = ceilings}
end
