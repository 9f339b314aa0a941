-- WebSocket messages of one size as they lie on the wire (RFC 6455 §5.2): text below 126 bytes, binary above. The client's are masked
-- with a key of zeros, which leaves the payload as it is: both sides then only count bytes.

local frames = {}

local function frame(bytes, mask)
  local short = bytes < 126
  local first = string.char(short and 0x81 or 0x82)
  local size = short and string.char((mask and 0x80 or 0) + bytes)
    or string.char((mask and 0x80 or 0) + 126, math.floor(bytes / 256), bytes % 256)
  return first .. size .. (mask and "\0\0\0\0" or "") .. string.rep("m", bytes)
end

-- `bytes` of payload: at most 65535.
function frames.from_client(bytes) return frame(bytes, true) end
function frames.from_server(bytes) return frame(bytes, false) end

-- The example of RFC 6455 §1.3.
frames.key = "dGhlIHNhbXBsZSBub25jZQ=="
frames.accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

return frames
