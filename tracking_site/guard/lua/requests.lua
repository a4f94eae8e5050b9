-- KEYS: windows, in the order in which they count; ARGV: how many at the end count nothing for who
--       is the first in the first one, then of each its seconds, and what it holds
-- Answers the first that is over, or 0; those after it count nothing.
local counted = #KEYS
for place = 1, #KEYS do
  if place > counted then break end
  local window, seconds = KEYS[place], tonumber(ARGV[2 * place])
  local count, most = redis.call('INCRBY', window, 1), tonumber(ARGV[2 * place + 1])
  -- One that lasts longer than a new one would began before this server's clock was set back.
  if count > most and redis.call('TTL', window) > seconds then
    redis.call('SET', window, 1)
    count = 1
  end
  if count == 1 then redis.call('EXPIRE', window, seconds) end
  if count > most then return place end
  if place == 1 and count == 1 then counted = #KEYS - tonumber(ARGV[1]) end
end
return 0
