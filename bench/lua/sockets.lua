-- TCP over epoll through LuaJIT's foreign function interface: a third of what the same costs in Node, so that neither the backend
-- nor the WebSocket client of a bench takes the core that a fast proxy needs them to leave free. Loopback only.

local ffi = require("ffi")
local C = ffi.C

ffi.cdef(string.format([[
  typedef union { void *ptr; int fd; uint32_t u32; uint64_t u64; } epoll_data_t;
  // The kernel packs it on x86-64 alone (uapi/linux/eventpoll.h).
  struct epoll_event { uint32_t events; epoll_data_t data; } %s;
  struct sockaddr_in { uint16_t family; uint16_t port; uint32_t address; uint8_t zero[8]; };
  int socket(int domain, int type, int protocol);
  int setsockopt(int fd, int level, int name, const int *value, uint32_t bytes);
  int bind(int fd, const struct sockaddr_in *address, uint32_t bytes);
  int connect(int fd, const struct sockaddr_in *address, uint32_t bytes);
  int listen(int fd, int backlog);
  int accept(int fd, void *address, void *bytes);
  int close(int fd);
  ssize_t recv(int fd, void *buffer, size_t bytes, int flags);
  ssize_t send(int fd, const void *buffer, size_t bytes, int flags);
  int epoll_create1(int flags);
  int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
  int epoll_wait(int epoll, struct epoll_event *events, int max, int timeout_ms);
  struct timespec { long seconds; long nanoseconds; };
  int fcntl(int fd, int command, ...);
  typedef void (*signal_handler)(int);
  signal_handler signal(int number, signal_handler handler);
  int clock_gettime(int clock, struct timespec *time);
]], ffi.arch == "x64" and "__attribute__((packed))" or ""))

local EAGAIN, EINTR = 11, 4
local MSG_DONTWAIT, MSG_NOSIGNAL = 0x40, 0x4000
local EPOLLIN, EPOLLOUT = 1, 4
local events_max = 256

local sockets = { buffer = ffi.new("uint8_t[?]", 65536), buffer_bytes = 65536 }
local epoll = C.epoll_create1(0)
local events = ffi.new("struct epoll_event[?]", events_max)
local event = ffi.new("struct epoll_event")
local time = ffi.new("struct timespec")
local on = ffi.new("int[1]", 1)

-- An address of loopback by its number, 127.0.0.1 being 1, in the order of the network.
local function loopback(port, number)
  local address = ffi.new("struct sockaddr_in", { family = 2 })
  local bytes = ffi.cast("uint8_t *", address)
  local host = 0x7f000000 + (number or 1)
  bytes[2], bytes[3] = math.floor(port / 256), port % 256
  for at = 0, 3 do bytes[7 - at] = math.floor(host / 256 ^ at) % 256 end
  return address
end

local function checked(result, what)
  if result < 0 then error(what .. " failed with errno " .. ffi.errno()) end
  return result
end

local function follow(fd, operation, mask)
  event.events = mask
  event.data.fd = fd
  checked(C.epoll_ctl(epoll, operation, fd, event), "epoll_ctl")
end

function sockets.listen(port)
  local fd = checked(C.socket(2, 1, 0), "socket")
  C.setsockopt(fd, 1, 2, on, 4) -- SO_REUSEADDR
  checked(C.bind(fd, loopback(port), 16), "bind")
  checked(C.listen(fd, 1024), "listen")
  follow(fd, 1, EPOLLIN)
  return fd
end

function sockets.accept(listener)
  local fd = C.accept(listener, nil, nil)
  if fd < 0 then return nil end
  C.setsockopt(fd, 6, 1, on, 4) -- TCP_NODELAY
  follow(fd, 1, EPOLLIN)
  return fd
end

-- `from` is the number of the address that it comes from; nil as the kernel likes.
function sockets.connect(port, from)
  local fd = checked(C.socket(2, 1, 0), "socket")
  if from then checked(C.bind(fd, loopback(0, from), 16), "bind") end
  checked(C.connect(fd, loopback(port), 16), "connect")
  C.setsockopt(fd, 6, 1, on, 4)
  follow(fd, 1, EPOLLIN)
  return fd
end

-- For who reads and writes without flags of its own.
function sockets.unblock(fd) checked(C.fcntl(fd, 4, ffi.cast("int", 2048)), "fcntl") end -- F_SETFL, O_NONBLOCK

function sockets.ignore_broken_pipes() C.signal(13, ffi.cast("signal_handler", 1)) end -- SIGPIPE, SIG_IGN

function sockets.close(fd) C.close(fd) end

-- Bytes that are now in `sockets.buffer`; 0 when none are there yet, nil at the end of the connection.
function sockets.receive(fd)
  local bytes = tonumber(C.recv(fd, sockets.buffer, sockets.buffer_bytes, MSG_DONTWAIT))
  if bytes > 0 then return bytes end
  if bytes < 0 and ffi.errno() == EAGAIN then return 0 end
  return nil
end

-- Bytes that the kernel took, from `offset` of a string; nil when the connection is broken.
function sockets.send(fd, text, offset)
  local bytes = tonumber(C.send(fd, ffi.cast("const uint8_t *", text) + offset, #text - offset, MSG_DONTWAIT + MSG_NOSIGNAL))
  if bytes >= 0 then return bytes end
  return ffi.errno() == EAGAIN and 0 or nil
end

function sockets.follow_reading(fd) follow(fd, 3, EPOLLIN) end
function sockets.follow_writing(fd) follow(fd, 3, EPOLLOUT) end

-- Calls `ready(fd, writable)` for whatever is ready, after waiting for at most so long (-1: for ever).
function sockets.wait(timeout_ms, ready)
  local count = C.epoll_wait(epoll, events, events_max, timeout_ms)
  if count < 0 and ffi.errno() ~= EINTR then error("epoll_wait failed with errno " .. ffi.errno()) end
  for i = 0, count - 1 do ready(events[i].data.fd, events[i].events % 8 >= EPOLLOUT) end
end

-- Seconds of the monotonic clock.
function sockets.now()
  C.clock_gettime(1, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

return sockets
