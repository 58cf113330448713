local conversation = redis.call('HGET', key('reply', given.id), 'conversation')
return answer(conversation and exists(conversation) and {id = conversation} or {})
