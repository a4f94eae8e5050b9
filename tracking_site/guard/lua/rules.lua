-- The rules of rules.py, for one script that weighs and charges in one step.
-- P, the policy, is written above this file when the script is put together.

local function unpack_row(packed)
  if not packed then return nil end
  if #packed ~= 9 then error({err = 'GUARDFOREIGN row'}) end
  local d, s, w, u, b, t = struct.unpack('<HhHBBB', packed)
  return {d = d, s = s, w = w, u = u, b = b, t = t}
end

local function pack_row(row)
  return struct.pack('<HhHBBB', row.d, row.s, row.w, row.u, row.b, row.t)
end

local function new_row(suspicion)
  return {d = 0, s = suspicion, w = 0, u = 0, b = 0, t = 0}
end

local function row_of(today, before)
  if today then return unpack_row(today) end
  local old = unpack_row(before)
  if not old or math.abs(old.s) < 200 then return new_row(0) end
  return new_row(old.s < 0 and math.ceil(old.s / 2) or math.floor(old.s / 2))
end

local function windows(row, window)
  local passed = window - row.w
  if passed == 0 then return row.u, row.b, window end
  if passed == 1 then return 0, row.u, window end
  if passed == -1 then return row.u, row.b, row.w end
  return 0, 0, window
end

local function reserved(row, window, ticket)
  local now, before, at = windows(row, window)
  return {
    d = math.min(row.d + 1, 65535), s = row.s, w = at,
    u = math.min(now + 1, 255), b = before, t = math.min(row.t + ticket, 255),
  }
end

local function settled(row, window, change)
  row.s = math.min(math.max(row.s + change, P.suspicion_floor * 100), P.suspicion_top * 100)
  if window == row.w then
    row.u = math.max(0, row.u - 1)
  elseif window == row.w - 1 then
    row.b = math.max(0, row.b - 1)
  end
  return row
end

local function miss_points(usual)
  local p = math.min(
    math.max(P.miss_rate_factor * usual, P.miss_rate_bounds[1]), P.miss_rate_bounds[2])
  return math.floor(100 * (1 - p) / p + 0.5)
end

local function over(suspicion, steps)
  local level = 0
  for _, step in ipairs(steps) do
    if suspicion > step * 100 then level = level + 1 end
  end
  return level
end

local function reached(distinct, steps)
  local level = 0
  for _, step in ipairs(steps) do
    if distinct >= step then level = level + 1 end
  end
  return level
end

local function is_unproven(row) return row.s > P.proven * 100 end

local function is_heavy(row, carrier)
  return not carrier and is_unproven(row) and row.d >= P.work_by_distinct[1]
end

local function refusal_rule(row, second, view, carrier)
  if carrier then
    return row.d >= P.carrier_refuse_distinct and 'distinct_carrier' or nil
  end
  local unproven = is_unproven(row)
  if row.s >= P.refuse_suspicion * 100 then return 'suspicion' end
  if row.d >= P.refuse_distinct then return 'distinct' end
  if unproven and row.d >= P.refuse_unproven_distinct then return 'unproven' end
  if second.s >= P.second_refuse_suspicion * 100 then return 'second_suspicion' end
  if second.d >= P.second_refuse_distinct then return 'second_distinct' end
  if is_unproven(second) and second.d >= P.second_refuse_unproven then
    return 'second_unproven'
  end
  if unproven and view.alarm > 0 then
    if row.d >= P.alarm_refuse_unproven[view.alarm] then return 'alarm' end
    if view.ceilings >= (row.d > 0 and 1 or 2) then return 'ceiling' end
  end
  return nil
end

local function work(row, second, cell, view, partner_level, carrier)
  local unproven = is_unproven(row)
  local best, rule, suspected = 0, 'free', 0
  if carrier then
    suspected = over(row.s, P.carrier_work_by_suspicion)
  else
    suspected = over(row.s, P.work_by_suspicion)
    local credit = math.floor(math.max(0, -row.s) / (P.credit_per_level * 100))
    best = math.max(0, reached(row.d, P.work_by_distinct) - credit)
    best = math.max(best, reached(row.d, P.work_despite_credit))
    if best > 0 then rule = 'work_distinct' end
  end
  if suspected > best then best, rule = suspected, 'work_suspicion' end
  if not carrier and unproven and row.d >= P.unproven_distinct then
    local owed = row.s > 0 and 4 or 3
    if owed > best then best, rule = owed, 'work_unproven' end
  end
  if not carrier and is_unproven(second) and second.d >= P.second_unproven_work and best < 3 then
    best, rule = 3, 'work_second'
  end
  if cell >= P.cell_misses and best < P.cell_level then
    best, rule = P.cell_level, 'work_cell'
  end
  if unproven and view.alarm > 0 then
    if best == 0 then rule = 'work_alarm' end
    best = best + 1
    if view.ceilings > 0 and best < 3 then best, rule = 3, 'work_ceiling' end
  end
  if partner_level > 0 then
    if best == 0 then rule = 'work_partner' end
    best = best + partner_level
  end
  return math.min(best, P.most_work), rule
end

-- Returns kind, level, rule, and whether waiting may stand in for work (1 or 0).
local function decide(row, second, cell, view, partner_level, carrier, paid, by_ticket, in_flight)
  local refusal = refusal_rule(row, second, view, carrier)
  if refusal then return 'refuse', 0, refusal, 1 end
  local level, rule = work(row, second, cell, view, partner_level, carrier)
  local ticket = row.t < (carrier and P.carrier_tickets_a_day or P.tickets_a_day)
  local may_wait = ticket and 1 or 0
  local guesses = row.s + in_flight * P.in_flight_points * 100
  if not carrier and in_flight > 0 and guesses >= P.refuse_suspicion * 100 then
    return 'challenge', math.max(level, 1), 'in_flight', may_wait
  end
  if paid < level then return 'challenge', level, rule, may_wait end
  if level > 0 and by_ticket and not ticket then return 'challenge', level, 'tickets', 0 end
  return 'ok', level, rule, may_wait
end
