return answer({seed = redis.call('GET', key('conversation', given.id)) or '[]'})
