-- Requests come from a file, one on a line in base64. Each thread takes every n-th, so that none is
-- sent twice unless it is the only one.
local started = 0

-- Threads run this file each for itself; what is set here is a global there.
function setup(thread)
  started = started + 1
  thread:set("number", started)
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
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write
  io.write(string.format(
    '{"requests":%d,"micros":%d,"bytes":%d,"broken":%d,"refused":%d,"late":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes, broken, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
