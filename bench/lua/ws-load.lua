-- WebSocket messages in a closed loop: every connection sends one message, waits for one of the same size and sends the next.
-- Arguments: port, connections, bytes of a message, seconds. Writes one line of JSON as load.lua does.

package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local ffi = require("ffi")
local frames = require("frames")
local histogram = require("histogram")
local sockets = require("sockets")

local port, connections, bytes, seconds = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local handshake_seconds_max = 10
local request, reply_bytes = frames.from_client(bytes), #frames.from_server(bytes)
local first_byte = request:byte(1)
local buffer = sockets.buffer

-- By file descriptor: bytes of the answer that came, time of sending in seconds.
local came, sent_at = ffi.new("int32_t[65536]"), ffi.new("double[65536]")
local open, upgraded, failed = {}, 0, 0
local trips = histogram.new()

local function lose(fd)
  if open[fd] == "upgraded" then upgraded = upgraded - 1 end
  open[fd] = nil
  failed = failed + 1
  sockets.close(fd)
end

local function send(fd, now)
  sent_at[fd] = now
  -- The socket's buffer is empty by then, so that a message goes out as a whole or not at all.
  if sockets.send(fd, request, 0) ~= #request then lose(fd) end
end

local function handshake(fd)
  local count = sockets.receive(fd)
  if count == 0 then return end
  local head = count and ffi.string(buffer, count) or ""
  if not (head:find("^HTTP/1.1 101 ") and head:find(frames.accept, 1, true) and head:sub(-4) == "\r\n\r\n") then
    return lose(fd)
  end
  open[fd] = "upgraded"
  upgraded = upgraded + 1
end

local function message(fd)
  local count = sockets.receive(fd)
  if count == 0 then return end
  if count == nil or (came[fd] == 0 and buffer[0] ~= first_byte) then return lose(fd) end
  came[fd] = came[fd] + count
  if came[fd] < reply_bytes then return end
  came[fd] = 0
  local now = sockets.now()
  trips:add(now - sent_at[fd])
  send(fd, now)
end

for _ = 1, connections do
  local fd = sockets.connect(port)
  open[fd] = "new"
  sockets.send(fd, table.concat({
    "GET /sock/" .. bytes .. " HTTP/1.1", "Host: bench.test", "Connection: Upgrade", "Upgrade: websocket",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " .. frames.key, "", "",
  }, "\r\n"), 0)
end
local deadline = sockets.now() + handshake_seconds_max
while upgraded + failed < connections and sockets.now() < deadline do sockets.wait(100, handshake) end

local cpu_before, begin = os.clock(), sockets.now()
for fd in pairs(open) do send(fd, begin) end
while sockets.now() < begin + seconds and upgraded > 0 do sockets.wait(100, message) end
local took = sockets.now() - begin
print(string.format(
  'result {"requests":%d,"seconds":%.6f,"bytes":%.0f,"p50Ms":%.4f,"p99Ms":%.4f,"failed":%d,"notOk":0,"clientCpuMs":%.0f}',
  trips.count, took, trips.count * bytes, trips:percentile_ms(50), trips:percentile_ms(99),
  connections - upgraded, (os.clock() - cpu_before) * 1e3))
