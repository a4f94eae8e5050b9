"""What Redis runs as one step, so that no other process can come between."""

_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""

# KEYS: failure, lead, own mark, mark of all, secret of the day, values …
# ARGV: token, milliseconds of the lead, now (empty: heed no failure), the secret that these names
# were made with, seconds that it is kept. Answers nothing where the day has another one.
# A failure or a lead from before everything was forgotten binds nobody. In the form of a
# failure (sealed.py) the moment until which it holds stands at byte 3, the mark at byte 19.
BEGIN = """
local secret = redis.call('GET', KEYS[5])
if not secret then
  -- This server was emptied, or is another one: all go on with what they have.
  redis.call('SET', KEYS[5], ARGV[4], 'EX', ARGV[5])
elseif secret ~= ARGV[4] then
  return {}
end
local mark = redis.call('GET', KEYS[4]) or string.rep('\\0', 8)
local failure = redis.call('GET', KEYS[1])
if failure and (ARGV[3] == '' or string.sub(failure, 19, 26) ~= mark
    or struct.unpack('>d', failure, 3) <= tonumber(ARGV[3])) then
  failure = false
end
local led = 0
if not failure then
  local lead = redis.call('GET', KEYS[2])
  if not lead or string.sub(lead, 9) ~= mark then
    redis.call('SET', KEYS[2], ARGV[1] .. mark, 'PX', ARGV[2])
    led = 1
  end
end
return {failure, led, redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4]),
  unpack(redis.call('MGET', unpack(KEYS, 6)))}
"""

# KEYS: lead, own mark, mark of all, where to write, failure, then older answers of other names
# ARGV: token, own mark, mark of all, value, its milliseconds, those of the own mark
WRITE = (
    """
local none = string.rep('\\0', 8)
local is_current = (redis.call('GET', KEYS[2]) or none) == ARGV[2]
  and (redis.call('GET', KEYS[3]) or none) == ARGV[3]
if is_current then
  if KEYS[4] ~= KEYS[5] then
    redis.call('DEL', unpack(KEYS, 5))
  end
  redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
end
"""
    + _GIVE_BACK
    + "return is_current and 1 or 0"
)

# KEYS: lead. ARGV: token
LEAVE = _GIVE_BACK

# KEYS: lead. ARGV: token, milliseconds
RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
"""

# KEYS: for each name own mark, value, failure, lead. ARGV: mark, sign, milliseconds, number of
# the keys that are written in any case. The others are a former version's, and written only where
# it left something: they would say for longer than a day which number was forgotten.
FORGET = """
for first = 1, #KEYS, 4 do
  if first <= tonumber(ARGV[4]) or redis.call('EXISTS', unpack(KEYS, first, first + 3)) > 0 then
    redis.call('SET', KEYS[first], ARGV[1], 'PX', ARGV[3])
    redis.call('SET', KEYS[first + 1], ARGV[2], 'PX', ARGV[3])
    redis.call('DEL', KEYS[first + 2], KEYS[first + 3])
  end
end
"""

# KEYS: mark of all. ARGV: mark
FORGET_ALL = "redis.call('SET', KEYS[1], ARGV[1])"
