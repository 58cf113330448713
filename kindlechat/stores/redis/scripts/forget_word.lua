redis.call('HDEL', key('words', given.id), given.key)
return answer({})
