enlist_all()
return answer({count = redis.call('ZCARD', key('owned', given.owner_hash))})
