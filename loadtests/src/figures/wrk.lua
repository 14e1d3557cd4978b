-- Requests come from a file, one on a line in base64. Each thread takes every n-th, so that none is
-- sent twice unless it is the only one. A thread that has sent all of its own stops, and says when.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanos; } moment; int clock_gettime(int, moment *);")
local moment = ffi.new("moment")

-- Microseconds of a clock that nobody sets.
local function now()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.seconds) * 1e6 + math.floor(tonumber(moment.nanos) / 1e3)
end

local started, all_threads = 0, {}

-- Threads run this file each for itself; what is set here is a global there.
function setup(thread)
  started = started + 1
  thread:set("number", started)
  all_threads[started] = thread
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local value = {}
for at = 1, #alphabet do value[alphabet:byte(at)] = at - 1 end

local function decode(line)
  local parts, bits, held = {}, 0, 0
  for at = 1, #line do
    local six = value[line:byte(at)]
    if six then
      held, bits = held * 64 + six, bits + 6
      if bits >= 8 then
        bits = bits - 8
        local unit = 2 ^ bits
        local byte = math.floor(held / unit)
        held = held - byte * unit
        parts[#parts + 1] = string.char(byte)
      end
    end
  end
  return table.concat(parts)
end

local requests, next_one = {}, 0
-- Globals, so that they are seen at the end: when the first was sent, and when there was none left.
began, ran_out, sent = 0, 0, 0

function init(arguments)
  local threads, line_number, all = tonumber(arguments[2]), 0, {}
  for line in io.lines(arguments[1]) do
    line_number = line_number + 1
    all[line_number] = line
  end
  for at, line in ipairs(all) do
    if #all == 1 or at % threads == number % threads then requests[#requests + 1] = decode(line) end
  end
  if #all == 0 then requests[1] = wrk.format() end
end

function request()
  if sent == 0 then began = now() end
  if #requests > 1 and sent >= #requests then
    if ran_out == 0 then ran_out = now() end
    wrk.thread:stop()
    -- Asked for one all the same: the last, which is refused or not even sent.
    return requests[#requests]
  end
  sent = sent + 1
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write
  -- Threads that ran out were as fast as they were until then.
  local out, each_second = 0, 0
  for _, thread in ipairs(all_threads) do
    local ended = thread:get("ran_out")
    if ended > 0 then out = out + 1 end
    if ended == 0 then ended = thread:get("began") + summary.duration end
    each_second = each_second + thread:get("sent") * 1e6 / (ended - thread:get("began"))
  end
  io.write(string.format(
    '{"requests":%d,"micros":%d,"bytes":%d,"broken":%d,"refused":%d,"late":%d,"p50":%d,"p99":%d,' ..
    '"out":%d,"each_second":%.1f}\n',
    summary.requests, summary.duration, summary.bytes, broken, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99), out, each_second))
end
