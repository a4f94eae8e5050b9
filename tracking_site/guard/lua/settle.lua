-- KEYS: answered, credited, cells, circuit, then the row of each width
-- ARGV: answer (1 hit, 0 miss, -1 none), window of the reservation, window now, bin, carrier,
--       heavy, cell 1, cell 2, seconds to keep, answered 1 to 4, number 1 to 4
local answer, asked_in, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bounds = ARGV[5] == '1' and {CARRIER, CARRIER} or {FIRST, SECOND, THIRD}
local got = redis.call('MGET', unpack(KEYS, 4))
local site = site_in(tonumber(ARGV[4]), got[1])
if answer >= 0 and not site then return 'turn' end
local change
if answer >= 0 and added(KEYS[1], ARGV[10], ARGV[11], ARGV[12], ARGV[13]) then
  change = answer == 0 and miss_points(site) or 0
  -- Many who ask one number are no list of numbers.
  if is_first(KEYS[2], answer == 0, ARGV[14], ARGV[15], ARGV[16], ARGV[17]) then
    site[NUMBERS], site[HOUR_NUMBERS] = site[NUMBERS] + 1, site[HOUR_NUMBERS] + 1
    if ARGV[6] == '1' then site[HEAVY] = site[HEAVY] + 1 end
    if answer == 0 then
      site[MISSES] = site[MISSES] + 1
    else
      change = -100
      redis.call('BITFIELD', KEYS[3], 'OVERFLOW', 'SAT',
        'INCRBY', 'u8', '#' .. ARGV[7], -1, 'INCRBY', 'u8', '#' .. ARGV[8], -1)
    end
  end
  redis.call('SET', KEYS[4], cmsgpack.pack(site))
  keep_for(ARGV[9], KEYS[1], KEYS[2], KEYS[3])
end
for place = 5, #KEYS do
  local packed = got[place - 3]
  if packed then
    local row, of = unpack_row(packed), asked_in
    local counts = asked_in == P.when_booked
    if counts and change then
      row = reserved(row, window, 0, 0, bounds[place - 4])
      of = row.w
    end
    row = freed(row, of, counts or answer >= 0)
    if change then row = booked(row, window, change, bounds[place - 4]) end
    redis.call('SET', KEYS[place], pack_row(row), 'KEEPTTL')
  end
end
return 1
