-- How the conversation of a reply stands that is to go on, or why it does not.
local reply = read(given.id, math.huge)
if not reply then return refuse('reply') end
if reply.owner == given.lease then return answer({again = true}) end  -- its answer was lost
if not given.continuable[reply.state] or given.final[reply.reason] then return refuse('state') end
return answer(standing(reply.conversation, now))
