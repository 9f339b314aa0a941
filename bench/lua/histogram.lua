-- Durations, counted in steps of 10 µs up to 2 s.

local ffi = require("ffi")

local step_us, steps = 10, 200000
local histogram = {}
histogram.__index = histogram

function histogram.new() return setmetatable({ count = 0, counts = ffi.new("int32_t[?]", steps + 1) }, histogram) end

function histogram:add(seconds)
  local step = math.min(steps, math.floor(seconds * 1e6 / step_us))
  self.counts[step] = self.counts[step] + 1
  self.count = self.count + 1
end

function histogram:percentile_ms(percent)
  local rank, seen = math.ceil(self.count * percent / 100), 0
  for step = 0, steps do
    seen = seen + self.counts[step]
    if seen >= rank then return (step + 0.5) * step_us / 1e3 end
  end
  return 0
end

return histogram
