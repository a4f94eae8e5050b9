-- The circuit of rows.py.
-- Two keys: the head is read with every number, the tail (ring, forecast) once in a bin.

local BINS_AN_HOUR = 12
local SILENT_BINS = 25

local function miss_points(usual)
  local p = math.min(
    math.max(P.miss_rate_factor * usual, P.miss_rate_bounds[1]), P.miss_rate_bounds[2])
  return math.floor(100 * (1 - p) / p + 0.5)
end

local function load_site(packed)
  if not packed then
    return {
      bin = -1, hour = -1, alarm = 0, raised = 0, numbers = 0, misses = 0, heavy = 0,
      hour_numbers = 0, forecast_now = 0, usual_miss = P.usual_miss_rate,
      usual_heavy = P.usual_heavy_share, experience = 0, fresh = true,
    }
  end
  local h = cmsgpack.unpack(packed)
  if type(h) ~= 'table' or #h ~= 12 then error({err = 'GUARDFOREIGN circuit'}) end
  return {
    bin = h[1], hour = h[2], alarm = h[3], raised = h[4], numbers = h[5], misses = h[6],
    heavy = h[7], hour_numbers = h[8], forecast_now = h[9], usual_miss = h[10],
    usual_heavy = h[11], experience = h[12],
  }
end

local function load_tail(site, key)
  local packed = not site.fresh and redis.call('GET', key)
  if packed then
    local tail = cmsgpack.unpack(packed)
    if type(tail) ~= 'table' or #tail ~= 60 then error({err = 'GUARDFOREIGN circuit'}) end
    site.tail = tail
    return
  end
  site.tail = {}
  for place = 1, 60 do site.tail[place] = 0 end
end

local function save_site(site, head_key, tail_key)
  redis.call('SET', head_key, cmsgpack.pack({
    site.bin, site.hour, site.alarm, site.raised, site.numbers, site.misses, site.heavy,
    site.hour_numbers, site.forecast_now, site.usual_miss, site.usual_heavy, site.experience,
  }))
  if site.tail then redis.call('SET', tail_key, cmsgpack.pack(site.tail)) end
end

local function noise(numbers, share)
  return P.sigmas * math.sqrt(numbers * share * (1 - share))
end

local function is_spike(site)
  local expected = site.usual_miss * site.numbers
  return site.numbers >= P.bin_least
    and site.misses > P.spike_factor * expected
    and site.misses - expected > noise(site.numbers, site.usual_miss)
end

-- The tail holds 12 bins of numbers, misses and heavy, then the forecast of 24 hours.
local function is_strange_hour(site)
  local numbers, misses, heavy = 0, 0, 0
  for bin = 0, BINS_AN_HOUR - 1 do
    numbers = numbers + site.tail[3 * bin + 1]
    misses = misses + site.tail[3 * bin + 2]
    heavy = heavy + site.tail[3 * bin + 3]
  end
  if numbers < P.bin_least then return false end
  local expected, spread = site.usual_miss * numbers, noise(numbers, site.usual_miss)
  local usual_heavy = site.usual_heavy * numbers
  return (misses > P.hour_factor * expected and misses - expected > spread)
    or (misses < P.clean_factor * expected and expected - misses > spread)
    or (heavy > P.heavy_factor * usual_heavy
      and heavy - usual_heavy > noise(numbers, site.usual_heavy))
end

local function learn(site)
  if site.numbers == 0 then return end
  local is_slow = site.alarm > 0 and site.experience >= P.slow_from
  local weight = is_slow and site.numbers / 8 or site.numbers
  local memory = math.min(P.memory, site.experience + P.first_memory)
  local step = weight / (memory + weight)
  local misses, heavy = site.misses / site.numbers, site.heavy / site.numbers
  site.usual_miss = math.min(math.max(
    site.usual_miss + (misses - site.usual_miss) * step, P.usual_miss_bounds[1]),
    P.usual_miss_bounds[2])
  site.usual_heavy = math.min(math.max(
    site.usual_heavy + (heavy - site.usual_heavy) * step, P.usual_heavy_bounds[1]),
    P.usual_heavy_bounds[2])
  site.experience = math.min(P.memory, site.experience + weight)
end

local function close_bin(site)
  local tail = site.tail
  for place = 1, 33 do tail[place] = tail[place + 3] end
  tail[34], tail[35], tail[36] = site.numbers, site.misses, site.heavy
  if is_spike(site) then
    site.alarm, site.raised = math.min(2, site.alarm + 1), site.bin
  elseif is_strange_hour(site) then
    site.alarm, site.raised = math.max(1, site.alarm), site.bin
  elseif site.alarm > 0 and site.bin - site.raised >= P.calm_bins then
    site.alarm, site.raised = site.alarm - 1, site.bin
  end
  learn(site)
  site.numbers, site.misses, site.heavy = 0, 0, 0
end

local function end_hour(site)
  if site.alarm > 0 or site.hour_numbers == 0 then return end
  local place = 37 + site.hour % 24
  local before, numbers = site.tail[place], site.hour_numbers
  if before > 0 then
    site.tail[place] = before + (math.min(numbers, 3 * before) - before) / 4
  else
    site.tail[place] = numbers
  end
end

local function begin_hour(site, hour)
  if hour ~= site.hour then site.hour_numbers = 0 end
  site.hour = hour
  site.forecast_now = site.tail[37 + hour % 24]
end

local function advance(site, current, tail_key)
  if site.bin - BINS_AN_HOUR <= current and current <= site.bin then return end
  load_tail(site, tail_key)
  if site.bin < 0 or current < site.bin then
    site.bin = current
    site.raised = math.min(site.raised, current)
    begin_hour(site, math.floor(current / BINS_AN_HOUR))
    return
  end
  for _ = 1, math.min(current - site.bin, SILENT_BINS) do
    close_bin(site)
    site.bin = site.bin + 1
    local hour = math.floor(site.bin / BINS_AN_HOUR)
    if hour ~= site.hour then
      end_hour(site)
      begin_hour(site, hour)
    end
  end
  if site.bin ~= current then
    site.bin = current
    begin_hour(site, math.floor(current / BINS_AN_HOUR))
  end
end

local function view_of(site, siege)
  local alarm, ceilings = siege and 2 or site.alarm, 0
  if alarm > 0 and site.forecast_now > 0 then
    local ceiling = P.ceiling_factor * math.max(site.forecast_now, P.ceiling_least)
    if site.hour_numbers >= ceiling then ceilings = 1 end
    if site.hour_numbers >= 2 * ceiling then ceilings = 2 end
  end
  return {alarm = alarm, ceilings = ceilings}
end
