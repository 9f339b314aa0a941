-- TLS connections that each carry one request: every lane opens one, reads the answer, waits until the proxy closes and opens the
-- next. Arguments: port, lanes, seconds, version, suite, groups, `full` or `resume`. Writes one line of JSON as load.lua does; a
-- connection counts once its answer is whole, and its time is from the connecting to there.

package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local ffi = require("ffi")
local histogram = require("histogram")
local sockets = require("sockets")
local tls = require("tls")

local port, lanes, seconds = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local version, suite, groups, resume = arg[4], arg[5], arg[6], arg[7] == "resume"
local context = tls.context(version, suite, groups)
local times = histogram.new()
local open, sessions = {}, {} -- fd → lane of a connection; number of a lane → session
local opened, resumed, bytes, failed, not_ok = 0, 0, 0, 0, 0

local function head()
  return ("GET /100/%05d/page.html HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: bench/%d\r\nAccept: */*\r\nConnection: close\r\n\r\n")
    :format(opened % 2048, opened % 40)
end

local function start(number)
  local began = sockets.now()
  local fd = sockets.connect(port)
  sockets.unblock(fd)
  opened = opened + 1
  local connection = tls.open(context, fd, "bench.test", resume and sessions[number] or nil)
  open[fd] = { number = number, connection = connection, at = began, state = "handshake", text = "" }
  return open[fd]
end

-- Returns the number of the lane that is free now.
local function finish(fd)
  local lane = open[fd]
  open[fd] = nil
  if lane.state ~= "answered" then failed = failed + 1 end
  tls.free(lane.connection)
  sockets.close(fd)
  return lane.number
end

local function is_whole(text)
  local _, head_end = text:find("\r\n\r\n", 1, true)
  if not head_end then return false end
  local body_bytes = tonumber(text:sub(1, head_end):lower():match("\ncontent%-length: (%d+)"))
  return body_bytes ~= nil and #text >= head_end + body_bytes
end

local function count(lane)
  lane.state = "answered"
  times:add(sockets.now() - lane.at)
  bytes = bytes + #lane.text
  if not lane.text:find("^HTTP/1.1 2%d%d ") then not_ok = not_ok + 1 end
  if tls.resumed(lane.connection) then resumed = resumed + 1 end
  if resume then sessions[lane.number] = tls.session(lane.connection, sessions[lane.number]) end
end

-- Goes on with a connection until it waits for bytes; true when it is over.
local function proceed(lane)
  if lane.state == "handshake" then
    local result = tls.handshake(lane.connection)
    if result ~= "done" then return result ~= "wait" end
    if not tls.agreed(lane.connection, suite) then error("the proxy agreed on other terms than were offered first") end
    lane.state = "asked"
    if tls.send(lane.connection, head()) ~= "done" then return true end
  end
  while true do
    local result, read = tls.receive(lane.connection)
    if result ~= "done" then return result ~= "wait" end
    lane.text = lane.text .. ffi.string(sockets.buffer, read)
    if lane.state == "asked" and is_whole(lane.text) then count(lane) end
  end
end

local function ready(fd)
  if proceed(open[fd]) then proceed(start(finish(fd))) end
end

sockets.ignore_broken_pipes()
local cpu_before, begin = os.clock(), sockets.now()
for number = 1, lanes do proceed(start(number)) end
while sockets.now() < begin + seconds do sockets.wait(100, ready) end
local took = sockets.now() - begin
print(string.format(
  'result {"requests":%d,"seconds":%.6f,"bytes":%.0f,"p50Ms":%.4f,"p99Ms":%.4f,"failed":%d,"notOk":%d,"clientCpuMs":%.0f,"resumed":%d}',
  times.count, took, bytes, times:percentile_ms(50), times:percentile_ms(99), failed, not_ok, (os.clock() - cpu_before) * 1e3,
  resumed))
