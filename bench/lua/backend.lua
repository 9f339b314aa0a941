-- The backend of the benches: HTTP/1.1 with answers made beforehand, chosen by the first five characters of the path. `/echo`
-- answers with the head that came in; `/sock/<bytes>` is a WebSocket that answers every message of that size with one of the same;
-- `/held/<name>/…` is answered as `/<name>/…` would be, but only when somebody asks for `/free`, who is told how many there were.
-- It trusts its callers, the proxies of a bench, to send no pipelines. Argument: port.

package.path = arg[0]:match("^(.*/)") .. "?.lua;" .. package.path
local ffi = require("ffi")
local frames = require("frames")
local sockets = require("sockets")

local head_bytes_max = 64 * 1024
local buffer = sockets.buffer

local function answer(body, framing, control)
  local head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%s\r\nCache-Control: %s\r\n\r\n"
  return head:format(framing or "Content-Length: " .. #body, control or "no-store") .. body
end

-- For caches: fresh for longer than any bench takes.
local function kept(bytes) return answer(("x"):rep(bytes), nil, "max-age=86400") end

-- As an application that writes a page in a few pieces.
local function chunked(...)
  local chunks = {}
  for i, bytes in ipairs({ ... }) do chunks[i] = ("%x\r\n%s\r\n"):format(bytes, ("x"):rep(bytes)) end
  return answer(table.concat(chunks) .. "0\r\n\r\n", "Transfer-Encoding: chunked")
end

local answers = {
  ["/100/"] = answer(("x"):rep(100)),
  ["/10k/"] = answer(("x"):rep(10 * 1024)),
  ["/1mb/"] = answer(("x"):rep(1024 * 1024)),
  ["/chk/"] = chunked(4096, 4096, 2048),
  ["/kept"] = kept(100),
  ["/c02k"] = kept(2 * 1024),
  ["/c64k"] = kept(64 * 1024),
}

local held = {} -- fd → a request that has not all come yet
local unsent = {} -- fd → { text, offset }
local messages = {} -- fd → { bytes of a whole message, bytes of it that came, answer }

local withheld = {} -- fd → answer
local withheld_count = 0 -- since the last `/free`

local function close(fd)
  held[fd], unsent[fd], messages[fd], withheld[fd] = nil, nil, nil, nil
  sockets.close(fd)
end

local function send(fd, text)
  local sent = sockets.send(fd, text, 0)
  if sent == nil then return close(fd) end
  if sent == #text then return end
  unsent[fd] = { text, sent }
  -- Nothing is read meanwhile: the caller asks again only when it has its answer.
  sockets.follow_writing(fd)
end

local function send_rest(fd)
  local rest = unsent[fd]
  local sent = rest and sockets.send(fd, rest[1], rest[2])
  if sent == nil then return close(fd) end
  rest[2] = rest[2] + sent
  if rest[2] < #rest[1] then return end
  unsent[fd] = nil
  sockets.follow_reading(fd)
end

local function upgrade(fd, text)
  local bytes = tonumber(text:match("^GET /sock/(%d+)"))
  messages[fd] = { #frames.from_client(bytes), 0, frames.from_server(bytes) }
  send(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    .. frames.accept .. "\r\n\r\n")
end

local function free(fd)
  for other, text in pairs(withheld) do
    withheld[other] = nil
    send(other, text)
  end
  send(fd, answer(tostring(withheld_count)))
  withheld_count = 0
end

local function reply(fd, path, text)
  if answers[path] then return send(fd, answers[path]) end
  if path == "/sock" then return upgrade(fd, text) end
  if path == "/free" then return free(fd) end
  if path == "/held" then
    withheld[fd] = answers[text:match("^GET /held(/%w+)")]
    withheld_count = withheld_count + 1
    return
  end
  send(fd, answer(text:match("^.-\r\n\r\n"):sub(1, -5)))
end

-- The slow way: requests with a body, in pieces, or that need to be looked at.
local function request(fd, text)
  local _, head_end = text:find("\r\n\r\n", 1, true)
  if head_end == nil then
    if #text > head_bytes_max then return close(fd) end
    held[fd] = text
    return
  end
  -- "Content-Length" and "content-length" end alike, and nothing else that these proxies send does.
  local at = text:find("ength: ", 1, true)
  local whole
  if at and at < head_end then whole = #text >= head_end + tonumber(text:match("^%d+", at + 7))
  else whole = text:sub(1, 3) == "GET" or text:sub(-5) == "0\r\n\r\n" end
  held[fd] = not whole and text or nil
  if whole then reply(fd, text:match("^%u+ (.....)"), text) end
end

local function message(fd, state, bytes)
  -- Anything but a message, such as a close frame, ends the connection.
  if state[2] == 0 and buffer[0] ~= 0x81 and buffer[0] ~= 0x82 then return close(fd) end
  state[2] = state[2] + bytes
  while state[2] >= state[1] do
    state[2] = state[2] - state[1]
    send(fd, state[3])
  end
end

local listener = sockets.listen(tonumber(arg[1]))

local function ready(fd, writable)
  if fd == listener then
    sockets.accept(listener)
    return
  end
  if writable then return send_rest(fd) end
  local bytes = sockets.receive(fd)
  if bytes == nil then return close(fd) end
  if bytes == 0 then return end
  if messages[fd] then return message(fd, messages[fd], bytes) end
  local whole_get = held[fd] == nil and bytes > 16 and buffer[0] == 0x47 and buffer[bytes - 3] == 10 and buffer[bytes - 1] == 10
  local text = whole_get and answers[ffi.string(buffer + 4, 5)]
  if text then return send(fd, text) end
  request(fd, (held[fd] or "") .. ffi.string(buffer, bytes))
end

while true do sockets.wait(-1, ready) end
