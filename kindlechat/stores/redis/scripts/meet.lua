local MARKS = PREFIX .. 'marks'
redis.call('ZADD', MARKS, now, given.mark)
redis.call('ZREMRANGEBYSCORE', MARKS, '-inf', now - given.met_s)
redis.call('EXPIRE', MARKS, given.met_s)
return answer({alone = redis.call('ZCARD', MARKS) == 1})
