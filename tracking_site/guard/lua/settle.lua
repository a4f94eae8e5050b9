-- KEYS: row, second, cells, circuit head, circuit tail
-- ARGV: answer (1 hit, 0 miss, -1 none), window, bin, carrier, heavy, cell 1, cell 2
local answer, window, bin = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local got = redis.call('MGET', KEYS[1], KEYS[2], KEYS[4])
local change = 0
if answer >= 0 then
  local site = load_site(got[3])
  advance(site, bin, KEYS[5])
  change = answer == 1 and -100 or miss_points(site.usual_miss)
  site.numbers = site.numbers + 1
  site.hour_numbers = site.hour_numbers + 1
  if answer == 0 then site.misses = site.misses + 1 end
  if ARGV[5] == '1' then site.heavy = site.heavy + 1 end
  save_site(site, KEYS[4], KEYS[5])
end
if got[1] then
  redis.call('SET', KEYS[1], pack_row(settled(unpack_row(got[1]), window, change)), 'KEEPTTL')
end
if ARGV[4] ~= '1' and got[2] then
  redis.call('SET', KEYS[2], pack_row(settled(unpack_row(got[2]), window, change)), 'KEEPTTL')
end
if answer ~= 0 then
  redis.call('BITFIELD', KEYS[3], 'OVERFLOW', 'SAT',
    'INCRBY', 'u8', '#' .. ARGV[6], -1, 'INCRBY', 'u8', '#' .. ARGV[7], -1)
end
return 1
