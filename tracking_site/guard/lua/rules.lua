-- The rules of rules.py, for one script that weighs and charges in one step.
-- A situation: row, second, third, cell, view, partner, carrier, again, window.

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

local function is_heavy(row, carrier)
  return not carrier and is_unproven(row) and row.d >= P.work_by_distinct[1]
end

-- Returns the rule that refuses the next number and the seconds that it lasts (0: until
-- tomorrow), or nil.
local function refused(at)
  local row, second, third, view, window = at.row, at.second, at.third, at.view, at.window
  if at.carrier then
    if row.d >= P.carrier_refuse_distinct then return 'distinct_carrier', 0 end
    return nil
  end
  local left = windows_left(row, window)
  if left > 0 then return 'suspicion', left * P.in_flight_seconds end
  if row.d >= P.refuse_distinct then return 'distinct', 0 end
  if second.d >= P.second_refuse_distinct then return 'second_distinct', 0 end
  local unproven = is_unproven(row)
  if not unproven and (row.c == 1 or row.n < P.proven_around) then return nil end
  if unproven and row.n >= P.refuse_unproven_distinct then return 'unproven', 0 end
  left = windows_left(second, window)
  if left > 0 then
    local seconds = left * P.in_flight_seconds
    if second.n >= P.second_refuse_unproven then return 'second_unproven', seconds end
    if row.s >= P.second_refuse_own * 100 then return 'second_suspicion', seconds end
  end
  if third.n >= P.third_refuse_unproven and is_unproven(third) then
    return 'third_unproven', 0
  end
  if not unproven then return nil end
  left = windows_left(third, window)
  if left > 0 and row.s >= 0 then return 'third_suspicion', left * P.in_flight_seconds end
  if view.alarm > 0 then
    if row.n >= P.alarm_refuse_unproven[view.alarm] then return 'alarm', 0 end
    if view.ceilings >= (row.d > (at.again and 1 or 0) and 1 or 2) then return 'ceiling', 0 end
  end
  return nil
end

local function around(row, second, third, carrier)
  if carrier then
    if second.s >= P.carrier_second_suspicion * 100 then return 2, 'work_second' end
    return 0, ''
  end
  local best, rule = 0, ''
  if row.n >= P.unproven_distinct then
    best, rule = row.s > 0 and 4 or 3, 'work_unproven'
  end
  if second.s >= P.second_work_by_suspicion[2] * 100 then
    return 4, best == 4 and rule or 'work_second'
  end
  if best < 3 and (second.s >= P.second_work_by_suspicion[1] * 100
      or (second.n >= P.second_unproven_work and is_unproven(second))) then
    best, rule = 3, 'work_second'
  end
  if best < 3 and third.s > P.third_work_suspicion * 100 then best, rule = 3, 'work_third' end
  return best, rule
end

local function work(at)
  local row, view, carrier = at.row, at.view, at.carrier
  local unproven = is_unproven(row)
  local best, rule = 0, 'free'
  if not carrier and not at.again then
    local credit = math.floor(math.max(0, -row.s) / (P.credit_per_level * 100))
    best = math.max(0, reached(row.d, P.work_by_distinct) - credit)
    best = math.max(best, reached(row.d, P.work_despite_credit))
    if best > 0 then rule = 'work_distinct' end
  end
  local suspected = over(row.s, carrier and P.carrier_work_by_suspicion or P.work_by_suspicion)
  if suspected > best then best, rule = suspected, 'work_suspicion' end
  if unproven then
    local owed, why = around(row, at.second, at.third, carrier)
    if owed > best then best, rule = owed, why end
  end
  if at.cell >= P.cell_misses and best < P.cell_level then
    best, rule = P.cell_level, 'work_cell'
  end
  if unproven and view.alarm > 0 then
    if best == 0 then rule = 'work_alarm' end
    best = best + 1
    if view.ceilings > 0 and best < 3 then best, rule = 3, 'work_ceiling' end
    if carrier and row.s > P.carrier_alarm_suspicion * 100 then
      best, rule = P.most_work, 'work_alarm'
    end
  end
  if at.partner > 0 then
    if best == 0 then rule = 'work_partner' end
    best = best + at.partner
  end
  return math.min(best, P.most_work), rule
end

-- Returns kind, level, rule, whether waiting may stand in for work (1 or 0), and the seconds
-- that a refusal lasts.
local function decide(at, paid, by_ticket)
  if paid >= P.charged then return 'ok', 0, 'free', 1, 0 end
  local refusal, seconds = refused(at)
  if refusal then return 'refuse', 0, refusal, 1, seconds end
  local row = at.row
  local level, rule = work(at)
  local tickets = at.carrier and P.carrier_tickets_a_day or P.tickets_a_day
  local ticket = row.t < tickets + math.floor(row.d / P.numbers_a_ticket)
  local may_wait = ticket and 1 or 0
  local now, before = windows(row, at.window)
  local in_flight = now + before
  local guesses = row.s + in_flight * P.in_flight_points * 100
  if not at.carrier and in_flight > 0 and guesses >= P.refuse_suspicion * 100 then
    return 'challenge', math.max(level, 1), 'in_flight', may_wait, 0
  end
  if paid < level then return 'challenge', level, rule, may_wait, 0 end
  if level > 0 and by_ticket and not ticket then return 'challenge', level, 'tickets', 0, 0 end
  return 'ok', level, rule, may_wait, 0
end
