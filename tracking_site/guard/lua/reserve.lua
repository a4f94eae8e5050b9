-- KEYS: row, row of yesterday, second, second of yesterday, novelty, cells, circuit head,
--       circuit tail, siege, partner (or the siege again when there is none)
-- ARGV: window, bin, hour, day, carrier, paid, by ticket, cell 1, cell 2, place 1 to 4,
--       partner's daily quota (-1: no partner), seconds to keep
local window, bin, hour, day = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local carrier, paid, by_ticket = ARGV[5] == '1', tonumber(ARGV[6]), ARGV[7] == '1'
local daily, keep = tonumber(ARGV[14]), ARGV[15]
day = tonumber(day)

local seen = true
for place = 10, 13 do
  if redis.call('GETBIT', KEYS[5], ARGV[place]) == 0 then
    seen = false
    break
  end
end
if seen then return {'repeat', 0, 'repeat', 1, 0, 0} end

local got = redis.call(
  'MGET', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[7], KEYS[9], KEYS[10])
local row = row_of(got[1], got[2])
local second = carrier and new_row(0) or row_of(got[3], got[4])
local site = load_site(got[5])
advance(site, bin, KEYS[8])
local traffic = daily >= 0 and partner_at(got[7], hour, day) or nil
local cells = redis.call('BITFIELD_RO', KEYS[6], 'GET', 'u8', '#' .. ARGV[8], 'GET', 'u8', '#' .. ARGV[9])
local now, before = windows(row, window)
local kind, level, rule, may_wait = decide(
  row, second, math.min(cells[1], cells[2]), view_of(site, got[6]),
  traffic and partner_level_of(traffic, daily) or 0, carrier, paid, by_ticket, now + before)
if kind ~= 'ok' then return {kind, level, rule, may_wait, 0, 0} end

local heavy = is_heavy(row, carrier) and 1 or 0
row = reserved(row, window, (by_ticket and level > 0) and 1 or 0)
redis.call('SET', KEYS[1], pack_row(row), 'EX', keep)
if not carrier then
  redis.call('SET', KEYS[3], pack_row(reserved(second, window, 0)), 'EX', keep)
end
for place = 10, 13 do redis.call('SETBIT', KEYS[5], ARGV[place], 1) end
redis.call('BITFIELD', KEYS[6], 'OVERFLOW', 'SAT',
  'INCRBY', 'u8', '#' .. ARGV[8], 1, 'INCRBY', 'u8', '#' .. ARGV[9], 1)
if redis.call('TTL', KEYS[5]) < 0 then
  redis.call('EXPIRE', KEYS[5], keep)
  redis.call('EXPIRE', KEYS[6], keep)
end
if site.tail then save_site(site, KEYS[7], KEYS[8]) end
if traffic then
  traffic[2], traffic[5] = traffic[2] + 1, traffic[5] + 1
  redis.call('SET', KEYS[10], cmsgpack.pack(traffic), 'EX', 15 * keep)
end
return {kind, level, rule, may_wait, row.w, heavy}
