-- For wrk: asks for the codes of a file, one a line, each thread from another place in it. All requests are made
-- beforehand. Arguments behind wrk's "--": the file. Ends with one line for scripts:
-- figures ANSWERED SECONDS CONNECTION_ERRORS WRONG_STATUS P50_MS P99_MS

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests = {}
local at = 0

function init(args)
  for code in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/" .. code)
  end
  at = number * 7919 % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("figures %d %.6f %d %d %.3f %.3f\n", summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
