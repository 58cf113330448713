-- Whether a client's reply is under way, and whether its holder is silent.
local lease = redis.call('HMGET', key('reply', given.id), 'owner', 'heartbeat', 'renewed', 'address')
local is_held = lease[1] and lease[4] == given.client_hash
return answer({held = is_held or false, silent = is_held and is_silent(lease[2], lease[3]) or false})
