-- Sends the requests of a list in turn. Arguments: the list, 1 for a new address each time, seed,
-- 1 if "nothing found" (404) is an answer like any other.
-- The list: a line of headers ("Name: value|…"), then lines of method, path and body, with tabs.
local requests, strangers, at = {}, false, 0

local threads = {}
missing = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  if args[4] == "1" then
    response = function(status)
      if status == 404 then missing = missing + 1 end
    end
  end
  strangers = args[2] == "1"
  math.randomseed(tonumber(args[3]))
  local headers = {}
  for line in io.lines(args[1]) do
    if at == 0 then
      for name, value in line:gmatch("([%w-]+): ([^|]*)") do headers[name] = value end
    else
      local method, path, body = line:match("([^\t]*)\t([^\t]*)\t(.*)")
      requests[at] = {method, path, headers, body ~= "" and body or nil}
    end
    at = at + 1
  end
  at = 0
end

function request()
  at = at % #requests + 1
  local method, path, headers, body = unpack(requests[at])
  if strangers then
    headers["X-Forwarded-For"] = string.format(
      "%d.%d.%d.7", math.random(1, 223), math.random(0, 255), math.random(0, 255))
  end
  return wrk.format(method, path, headers, body)
end

function done(summary, latency)
  local answers = 0
  for _, thread in ipairs(threads) do answers = answers + thread:get("missing") end
  io.write(string.format("result %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(99), summary.errors.status + summary.errors.connect
    + summary.errors.read + summary.errors.write + summary.errors.timeout - answers))
end
