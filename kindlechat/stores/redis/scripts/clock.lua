-- Seconds that run on however Redis's clock is set, to judge silence by. Of a long step only a part counts: it
-- may be a jump of the clock or a pause of everything, after which the living need time for a heartbeat. Where it was
-- deleted it goes on from what the caller knows: replies that others write by that time would pass for silent.
local CLOCK, MAX_STEP_S, LEAST_STEP_S = PREFIX .. 'clock', ORPHAN_AFTER_S / 2, 0.2
local found = redis.call('HMGET', CLOCK, 'wall', 'steady')
local step = now - tonumber(found[1] or now)
local steady = tonumber(found[2] or given.steady or 0) + math.max(0, math.min(step, MAX_STEP_S))
if not found[1] or step < 0 or step > LEAST_STEP_S then
  -- A full memory takes nothing; what there is can be read all the same.
  redis.pcall('HSET', CLOCK, 'wall', now, 'steady', steady)
  redis.pcall('EXPIRE', CLOCK, TTL_S)
end
return answer({steady = steady})
