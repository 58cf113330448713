local RUN = PREFIX .. 'run'
if redis.call('HGET', RUN, 'token') == given.token then redis.call('UNLINK', RUN) end
return answer({})
