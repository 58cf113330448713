local unseen = redis.call('ZRANGEBYSCORE', SEEN, '-inf', '(' .. (now - given.age_s), 'LIMIT', 0, given.batch)
for _, owner_hash in ipairs(unseen) do forget(owner_hash) end
return answer({deleted = #unseen})
