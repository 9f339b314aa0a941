-- Many clients at once, each from an address of its own, who all ask for one object. They connect one after the other; when all are
-- there, each sends its request, and `asked` is written. Ends when all have their answer or none came for 20 s.
-- Arguments: port, clients, path. Writes one line of JSON: times are seconds of the monotonic clock.

package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local ffi = require("ffi")
local sockets = require("sockets")

local port, clients, path = tonumber(arg[1]), tonumber(arg[2]), arg[3]
local patience = 20
local request = ("GET %s HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: crowd\r\nAccept: */*\r\n\r\n"):format(path)
local waiting = {} -- fd → { text of the head, bytes of the whole answer, bytes that came }
local left, failed, not_ok, words, done = clients, 0, 0, {}, {}
local last = sockets.now()

local function finish(fd, whole)
  local client = waiting[fd]
  waiting[fd] = nil
  sockets.close(fd)
  left, last = left - 1, sockets.now()
  if not whole then failed = failed + 1 return end
  done[#done + 1] = last
  if not client[1]:find("^HTTP/1.1 200 ") then not_ok = not_ok + 1 end
  local word = client[1]:match("\r\n[Xx]%-[Cc]ache%-[Ss]tatus: (%u+)") or "none"
  words[word] = (words[word] or 0) + 1
end

local function ready(fd)
  local client = waiting[fd]
  local bytes = sockets.receive(fd)
  if bytes == nil then return finish(fd, false) end
  client[3] = client[3] + bytes
  if client[2] == nil then
    client[1] = client[1] .. ffi.string(sockets.buffer, bytes)
    local _, head_end = client[1]:find("\r\n\r\n", 1, true)
    if head_end == nil then return end
    client[1] = client[1]:sub(1, head_end)
    client[2] = head_end + (tonumber(client[1]:lower():match("\ncontent%-length: (%d+)")) or 0)
  end
  if client[3] >= client[2] then finish(fd, true) end
end

-- 127.1.0.0 is the first.
for number = 1, clients do waiting[sockets.connect(port, 65536 + number)] = { "", nil, 0 } end
for fd in pairs(waiting) do sockets.send(fd, request, 0) end
print("asked")
io.stdout:flush()
last = sockets.now()
while left > 0 and sockets.now() < last + patience do sockets.wait(100, ready) end

table.sort(done)
local told = {}
for word, count in pairs(words) do told[#told + 1] = ('"%s":%d'):format(word, count) end
print(string.format('result {"answered":%d,"failed":%d,"notOk":%d,"halfSeconds":%.6f,"lastSeconds":%.6f,"words":{%s}}',
  #done, failed + left, not_ok, done[math.ceil(#done / 2)] or 0, done[#done] or 0, table.concat(told, ",")))
