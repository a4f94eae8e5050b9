"""What Redis runs as one step, so that no other process can come between."""

_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""

# KEYS: failure, lead, own mark, mark of all, values …
# ARGV: token, milliseconds of the lead, now (empty: heed no failure)
# A failure or a lead from before everything was forgotten binds nobody. In the form of a
# failure (sealed.py) the moment until which it holds stands at byte 3, the mark at byte 19.
BEGIN = """
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
return {failure, led, unpack(redis.call('MGET', unpack(KEYS, 3)))}
"""

# KEYS: lead, own mark, mark of all, where to write, failure
# ARGV: token, own mark, mark of all, value, its milliseconds, those of the own mark
WRITE = (
    """
local none = string.rep('\\0', 8)
local is_current = (redis.call('GET', KEYS[2]) or none) == ARGV[2]
  and (redis.call('GET', KEYS[3]) or none) == ARGV[3]
if is_current then
  if KEYS[4] ~= KEYS[5] then
    redis.call('DEL', KEYS[5])
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

# KEYS: for each digest own mark, value, failure, lead. ARGV: mark, sign, milliseconds
FORGET = """
for first = 1, #KEYS, 4 do
  redis.call('SET', KEYS[first], ARGV[1], 'PX', ARGV[3])
  redis.call('SET', KEYS[first + 1], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[first + 2], KEYS[first + 3])
end
"""

# KEYS: mark of all. ARGV: mark
FORGET_ALL = "redis.call('SET', KEYS[1], ARGV[1])"
