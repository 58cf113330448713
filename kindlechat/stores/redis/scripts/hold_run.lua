local RUN = PREFIX .. 'run'
local held = redis.call('HMGET', RUN, 'token', 'expires')
if held[1] and held[1] ~= given.token and tonumber(held[2]) > now then return answer({done = false}) end
redis.call('HSET', RUN, 'token', given.token, 'expires', now + given.for_s)
redis.call('EXPIRE', RUN, given.for_s)
return answer({done = true})
