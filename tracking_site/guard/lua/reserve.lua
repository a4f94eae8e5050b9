-- KEYS: asked, answered, credited, cells, circuit, siege, partner (or the siege again), random bytes
--       of the day, then row and row of yesterday for each width of the network: first, second, third
-- ARGV: window, bin, hour, day, carrier, paid, by ticket, cell 1, cell 2, partner's daily quota
--       (-1: no partner), seconds to keep, asked 1 to 4, answered 1 to 4, number 1 to 4, the random
--       bytes that all these were made with (empty: none)
local window, bin, hour, day = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local carrier, paid, by_ticket = ARGV[5] == '1', tonumber(ARGV[6]), ARGV[7] == '1'
local daily, keep = tonumber(ARGV[10]), ARGV[11]
day = tonumber(day)

local answered = seen(KEYS[2], ARGV[16], ARGV[17], ARGV[18], ARGV[19])
local again = seen(KEYS[1], ARGV[12], ARGV[13], ARGV[14], ARGV[15])
if answered and again then return {'repeat', 0, 'repeat', 1, 0, 0, 0} end

local got = redis.call('MGET', unpack(KEYS, 5))
if ARGV[24] ~= '' and got[4] ~= ARGV[24] then
  if got[4] then return {'other', 0, '', 0, 0, 0, 0} end
  -- This server was emptied, or is another one: all go on with what they have.
  redis.call('SET', KEYS[8], ARGV[24], 'EX', keep)
end
local site = site_in(bin, got[1])
if not site then return 'turn' end
local traffic = daily >= 0 and partner_at(got[3], hour, day) or nil
local bounds = carrier and {CARRIER, CARRIER} or {FIRST, SECOND, THIRD}
local rows = {}
for place = 1, (#KEYS - 8) / 2 do
  rows[place] = row_of(got[3 + 2 * place], got[4 + 2 * place], window, bounds[place])
end
local one, two = '#' .. ARGV[8], '#' .. ARGV[9]
local cells = redis.call('BITFIELD_RO', KEYS[4], 'GET', 'u8', one, 'GET', 'u8', two)
local cell = math.min(cells[1], cells[2])
-- The number itself is none of those around it.
if cell > 0 and seen(KEYS[2], ARGV[20], ARGV[21], ARGV[22], ARGV[23])
    and not was_found(KEYS[3], ARGV[20], ARGV[21], ARGV[22], ARGV[23]) then
  cell = cell - 1
end
local situation = {
  row = rows[1], second = rows[2], third = rows[3] or new_row(0),
  cell = cell, view = view_of(site, got[2]),
  partner = traffic and partner_level_of(traffic, daily) or 0,
  carrier = carrier, again = again, window = window,
}
local kind, level, rule, may_wait, seconds = decide(situation, paid, by_ticket)
if kind ~= 'ok' then return {kind, level, rule, may_wait, 0, 0, seconds} end
if answered then return {'repeat', 0, 'repeat_near', 1, 0, 0, 0} end

local heavy = is_heavy(rows[1], carrier) and 1 or 0
if again and paid >= P.charged then
  return {kind, level, rule, may_wait, P.when_booked, heavy, 0}
end
local is_of_partner = traffic and not again
  and (rows[1].d < P.partner_numbers_each or rows[1].c == 1)
local new, ticket = again and 0 or 1, (by_ticket and level > 0) and 1 or 0
for place, row in ipairs(rows) do
  local after = reserved(row, window, new, place == 1 and ticket or 0, bounds[place])
  redis.call('SET', KEYS[7 + 2 * place], pack_row(after), 'EX', keep)
end
if not again then
  added(KEYS[1], ARGV[12], ARGV[13], ARGV[14], ARGV[15])
  if added(KEYS[2], ARGV[20], ARGV[21], ARGV[22], ARGV[23]) then
    redis.call('BITFIELD', KEYS[4], 'OVERFLOW', 'SAT',
      'INCRBY', 'u8', one, 1, 'INCRBY', 'u8', two, 1)
  end
  keep_for(keep, KEYS[1], KEYS[2], KEYS[4])
end
if is_of_partner then
  traffic[2], traffic[5] = traffic[2] + 1, traffic[5] + 1
  redis.call('SET', KEYS[7], cmsgpack.pack(traffic), 'EX', 15 * keep)
end
return {kind, level, rule, may_wait, rows[1].w, heavy, 0}
