// The least that an Express server can do with the same requests: no database, no keys, no checks. It takes its
// answers from the process that starts it, one for each method, and ends with it.
import express from 'express'

process.once('disconnect', () => process.exit())
process.once('message', (answers) => {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(express.json())
  app.get('/*path', (_request, response) => response.json(answers.get))
  app.post('/*path', (_request, response) => response.status(202).json(answers.post))
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
})
