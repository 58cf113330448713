redis.call('HSETNX', ISSUES, given.issue, 0)
redis.call('SADD', key('delivered', given.issue), given.id)
return answer({})
