redis.call('HSET', key('reader', given.owner_hash), 'mailbox', given.mailbox)
see(given.owner_hash)
return answer({})
