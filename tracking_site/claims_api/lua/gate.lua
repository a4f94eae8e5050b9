-- The gate of all processes (gate.py has the same in Python): one limit, one set of requests in
-- flight, one line.
-- KEYS: what is known of the core, in flight (lapses), line (since), held (since), whose they are, due, names, nodes
-- ARGV: what to do, the process, now (empty: this server's clock), then what that needs
local STATE, FLIGHT, LINE, HELD, WHOSE, DUE, NAMES, NODES = unpack(KEYS)
local OVERDUE, LAPSE, NEW_LINE, PACE, SLOWEST, NODE_LIFE = 2, 180, 10, 0.25, 0.05, 60
local EARLY, KEPT = 1, 720
local GROWS, SHRINKS, MOST = 2, 0.25, 20
local act, node, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1000000
end

-- The version before reads `busy`, which nothing here does: without it there is no going back.
local kept = redis.call('GET', STATE)
local s = kept and cmsgpack.unpack(kept) or {
  limit = 16, rtt = 0, allowed = 16, min_seconds = 0.25, min_answers = 16, turn = 0,
  since = now, last = now, busy = now, area = 0, spent = 0, answers = 0, failed = 0, full = 0,
  pace = 0, admitted = 0, paced = now, formed = now, lined = now - NEW_LINE - 1, swept = 0,
  ahead = 0,
}
-- Set back, or another server's, a clock goes on from where it was: or nobody's time comes until it
-- is there.
s.ahead = math.max(s.ahead, s.last - now)
now = math.max(now + s.ahead, s.last)
local exact = function(number) return string.format('%.17g', number) end
local before = function(key, score) return redis.call('ZCOUNT', key, '-inf', '(' .. exact(score)) end

-- Advance to now.
redis.call('ZREMRANGEBYSCORE', FLIGHT, '-inf', exact(now))
local flying = redis.call('ZCARD', FLIGHT)
s.area = s.area + flying * (now - s.last)
local passed = now - s.last
s.last = now
local swept = exact(now - OVERDUE)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', DUE, '(' .. exact(s.swept), swept)) do
  redis.call('ZREM', LINE, name)
  redis.call('ZREM', HELD, name)
  redis.call('HDEL', WHOSE, name)
end
s.swept = tonumber(swept)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', DUE, '-inf', exact(now - LAPSE))) do
  redis.call('ZREM', DUE, name)
  redis.call('ZREM', NAMES, name)
end
local length = redis.call('ZCARD', LINE)

-- Keep pace.
if length == 0 or now - s.lined > NEW_LINE then
  s.pace, s.admitted, s.paced, s.formed = 0, 0, now, now
elseif now - s.paced >= PACE then
  if s.admitted > 0 or flying > 0 then
    local seconds = now - s.paced
    local share = math.min(1, seconds / math.min(NEW_LINE, now - s.formed))
    s.pace = s.pace + (s.admitted / seconds - s.pace) * share
  end
  s.admitted, s.paced = 0, now
end
if length > 0 then s.lined = now end
if now - s.formed <= NEW_LINE then
  s.reach = 0
else
  local idle = math.max(s.allowed - flying - redis.call('ZCARD', HELD), 0) / s.allowed
  local change = passed * (GROWS * idle - SHRINKS * (1 - idle))
  s.reach = math.min(math.max((s.reach or 0) + change, 0), MOST)
end
local function estimate()
  if length > 0 and now - s.formed >= NEW_LINE then return math.max(s.pace, SLOWEST) end
  local flown = s.answers + flying / 2
  local round_trip = math.max(s.rtt, flown > 0 and s.area / flown or 0)
  return math.max(s.pace, round_trip > 0 and s.limit / round_trip or s.limit)
end

local function drop(name)
  for _, key in ipairs({LINE, HELD, DUE, NAMES}) do redis.call('ZREM', key, name) end
  redis.call('HDEL', WHOSE, name)
end

local function go(name)
  drop(name)
  redis.call('ZADD', FLIGHT, exact(now + ARGV[4]), name)
  flying = flying + 1
  s.admitted = s.admitted + 1
  if flying >= s.allowed then s.full = 1 end
end

local function called()
  local free, names = s.allowed - flying, {}
  if free > 0 then
    for _, name in ipairs(redis.call('ZRANGE', HELD, 0, free - 1)) do
      if redis.call('HGET', WHOSE, name) == node then table.insert(names, name) end
    end
    for _, name in ipairs(names) do go(name) end
  end
  return names
end

local function stand(name, since, due)
  redis.call('ZADD', LINE, exact(since), name)
  redis.call('ZADD', DUE, exact(due), name)
  redis.call('ZADD', NAMES, 0, name)
end

local function known(name, since, queued)
  local stands = tonumber(redis.call('ZSCORE', LINE, name) or nil)
  return stands or (now - since < KEPT and math.min(since, now) or now - queued)
end

local function is_near(ahead)
  return ahead < 2 ^ s.reach * math.max(3 * estimate(), s.limit)
end

-- enter: lapse seconds, name, since, hold seconds (empty: behind all), seconds that it has queued
local function verdict()
  local name, hold = ARGV[5], tonumber(ARGV[7])
  if not hold and (length > 0 or flying >= s.allowed) then return 'wait' end
  local since = known(name, tonumber(ARGV[6]), tonumber(ARGV[8]))
  if not is_near(before(LINE, since)) then return 'wait' end
  if s.allowed - flying > before(HELD, since) then
    go(name)
    return 'go'
  end
  s.full = 1
  if not hold or hold <= 0 then return 'wait' end
  stand(name, since, now + hold)
  redis.call('ZADD', HELD, exact(since), name)
  redis.call('HSET', WHOSE, name, node)
  return 'hold'
end

-- With the limit and how many processes share it.
local function enter()
  redis.call('ZADD', NODES, exact(now), node)
  return {verdict(), exact(s.limit), redis.call('ZCARD', NODES)}
end

-- leave: lapse seconds, name, has failed (0, 1; empty: says nothing). With who may go, what was
-- seen, once a window may end.
local function leave()
  local lapses = redis.call('ZSCORE', FLIGHT, ARGV[5])
  redis.call('ZREM', FLIGHT, ARGV[5])
  flying = redis.call('ZCARD', FLIGHT)
  local seen = false
  -- Of what went before a restart nothing is learned.
  if lapses and ARGV[6] ~= '' then
    s.answers = s.answers + 1
    s.spent = s.spent + now - (lapses - ARGV[4])
    s.failed = s.failed + ARGV[6]
    if now - s.since >= s.min_seconds and s.answers >= s.min_answers then
      redis.call('ZREMRANGEBYSCORE', NODES, '-inf', exact(now - NODE_LIFE))
      seen = {s.turn, exact(now), exact(now - s.since), exact(s.area), s.answers, s.failed, s.full,
        redis.call('ZCARD', NODES), s.bound or false, exact(s.spent)}
    end
  end
  return {called(), seen}
end

-- turn: its number, the new bound, limit, rtt, allowed, least seconds and answers of a window
local function turn()
  if tonumber(ARGV[4]) ~= s.turn then return 0 end
  s.turn = s.turn + 1
  s.bound = ARGV[5]
  for place, field in ipairs({'limit', 'rtt', 'allowed', 'min_seconds', 'min_answers'}) do
    s[field] = tonumber(ARGV[5 + place])
  end
  s.since, s.area, s.spent, s.answers, s.failed = now, 0, 0, 0, 0
  s.full = flying >= s.allowed and 1 or 0
  return 1
end

-- call: lapse seconds, then those of which nothing is in flight any more
local function call()
  for place = 5, #ARGV do redis.call('ZREM', FLIGHT, ARGV[place]) end
  flying = redis.call('ZCARD', FLIGHT)
  return called()
end

local function places(network)
  local last = network .. string.rep('\255', 8)
  return redis.call('ZLEXCOUNT', NAMES, '[' .. network, '[' .. last)
end

-- look: network
local function state(network)
  local oldest = now - (redis.call('ZRANGE', LINE, 0, 0, 'WITHSCORES')[2] or now)
  local function of_part(bytes) return network and places(string.sub(network, 1, bytes)) or 0 end
  local all = redis.call('ZCARD', LINE)
  return {s.allowed, flying, exact(estimate()), all, exact(oldest), is_near(all) and 0 or 1, of_part(8),
    of_part(4), of_part(5)}
end

-- wait: name, since, most places of its network; the share of the time left after which it asks
-- again, least and most seconds until then; seconds that it has queued
local function wait()
  local name = ARGV[4]
  local stands = redis.call('ZSCORE', NAMES, name)
  local others = places(string.sub(name, 1, 8)) - (stands and 1 or 0)
  if others >= tonumber(ARGV[6]) and not (stands and tonumber(ARGV[5]) > 0) then return false end
  local since = known(name, tonumber(ARGV[5]), tonumber(ARGV[10]))
  local share, least, most = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
  local ahead = before(LINE, since)
  local left = ahead / estimate()
  local part = left * share
  if left - part < least then part = math.max(left - EARLY, part) end
  local pause = math.min(math.max(math.floor(part + 0.5), least), most)
  -- Where another page of its is held, who asks now is answered with that one.
  if not (redis.call('ZSCORE', HELD, name) and now < tonumber(redis.call('ZSCORE', DUE, name))) then
    redis.call('ZREM', HELD, name)
    redis.call('HDEL', WHOSE, name)
    stand(name, since, now + pause)
    -- Who comes after the own turn is before nobody until then.
    if pause > left + OVERDUE then
      redis.call('ZREM', LINE, name)
      length = redis.call('ZCARD', LINE)
    end
  end
  return {exact(since), ahead, pause, is_near(ahead) and 1 or 0, exact(now - since), state()}
end

local answer = ({enter = enter, leave = leave, turn = turn, wait = wait,
  look = function() return state(ARGV[4]) end, drop = function() return drop(ARGV[4]) end,
  call = call})[act]()
redis.call('SET', STATE, cmsgpack.pack(s))
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 3600) end
return answer or 0
