-- Requests as a browser sends them, about 450 bytes of head, every one different from the one before it:
-- path, query, user agent and cookie change. Made once before the clock starts, so that the client costs little.
-- Arguments behind "--": method, path prefix, bytes of request body; then how many different targets there are (0: as many as
-- heads), the host, and further field lines.

-- The name in the address is for TLS alone (SNI); all that is loaded is on loopback.
local resolve = wrk.resolve
function wrk.resolve(_, service) resolve("127.0.0.1", service) end

local heads = {}
local next_head = 0

function init(args)
  local method, prefix, body_bytes = args[1], args[2], tonumber(args[3])
  local targets, host = tonumber(args[4] or 0), args[5] or "bench.test"
  local body = string.rep("x", body_bytes)
  local count = body_bytes > 0 and 256 or 2048
  for i = 1, count do
    local target = targets > 0 and i % targets + 1 or i
    local lines = {
      string.format("%s %s/%05d/page.html?session=%08x HTTP/1.1", method, prefix, target, target * 2654435761 % 4294967296),
      "Host: " .. host,
      string.format("User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", 100 + i % 40, 100 + i % 40),
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
      "Accept-Language: en-US,en;q=0.5",
      "Accept-Encoding: gzip, deflate, br",
      string.format("Cookie: id=%08x%08x; theme=%s", i * 40503, i * 65599, i % 2 == 0 and "dark" or "light"),
      "Upgrade-Insecure-Requests: 1",
      "Sec-Fetch-Mode: navigate",
    }
    for more = 6, #args do lines[#lines + 1] = args[more] end
    if body_bytes > 0 then
      lines[#lines + 1] = "Content-Type: application/octet-stream"
      lines[#lines + 1] = "Content-Length: " .. body_bytes
    end
    heads[i] = table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
  end
end

function request()
  next_head = next_head % #heads + 1
  return heads[next_head]
end

-- Times are microseconds; os.clock is the CPU time of wrk's whole process in seconds. One line of JSON, marked, behind wrk's own report.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\nresult {"requests":%d,"seconds":%.6f,"bytes":%d,"p50Ms":%.4f,"p99Ms":%.4f,"failed":%d,"notOk":%d,"clientCpuMs":%.0f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status, os.clock() * 1e3))
end
