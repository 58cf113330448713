local conversation = redis.call('GET', key('share', given.share_id))
return answer(conversation and exists(conversation) and {id = conversation} or {})
