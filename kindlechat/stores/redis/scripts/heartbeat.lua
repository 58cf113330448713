local stop, lost = {}, {}
for id, lease in pairs(given.leases) do
  local found = redis.call('HMGET', key('reply', id), 'owner', 'stop')
  if found[1] ~= lease then
    if redis.call('EXISTS', key('reply', id)) == 1 then lost[#lost + 1] = id end
  else
    if given.renew then renew(id) end
    if found[2] then stop[#stop + 1] = id end
  end
end
return answer({stop = stop, lost = lost})
