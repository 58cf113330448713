-- Share a conversation, unless it is shared already; returns the id of its link.
if not exists(given.id) then return refuse('conversation') end
redis.call('HSETNX', key('about', given.id), 'share', given.share_id)
redis.call('PEXPIRE', key('about', given.id), redis.call('PTTL', key('conversation', given.id)))
return answer({share = redis.call('HGET', key('about', given.id), 'share')})
