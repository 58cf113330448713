local old = redis.call('ZRANGEBYSCORE', PENDING, '-inf', now - given.age_s)
for _, id in ipairs(old) do delete_subscriber(id) end
return answer({deleted = #old})
