local id = redis.call('HGET', MAILBOXES, given.mailbox_hash)
if not id then return answer({done = false}) end
delete_subscriber(id)
for _, issue in ipairs(redis.call('HKEYS', ISSUES)) do redis.call('SREM', key('delivered', issue), id) end
return answer({done = true})
