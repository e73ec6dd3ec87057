import { refuse } from '../refuse.mjs'

const LIST = {
  list: 'l1', name: '双十一会员名单.xlsx', bytes: 1_840_233, kind: 'xlsx', sheets: ['会员', '黑卡', '说明'], encoding: null, remembered: true,
  columns: [
    { name: '手机号码', samples: ['13800138000', '+86 139 0013 9000', '0571-88001234'], field: 'phone' },
    { name: '姓名', samples: ['张伟', '王秀英', '李建国'], field: 'name' },
    { name: '上次购买', samples: ['智利车厘子', '坚果礼盒', ''], field: 'var:last_product' },
    { name: '距上次下单天数', samples: ['32', '210', '7'], field: 'var:days_since' },
    { name: '会员等级', samples: ['金卡', '普通会员', '黑卡'], field: 'var:level' },
    { name: '语种', samples: ['zh', 'zh', 'en'], field: 'lang' },
    { name: '内部备注', samples: ['<img src=x onerror=alert(1)>', '', '老客户'], field: 'ignore' },
  ],
}
const WHY = ['“1380013800”少一位：中国手机号要 11 位', '号码是空的', '“abc”不是号码：只能有数字、空格、+ 和 -', '语种“粤语”不认识：写 zh 或 en']

export default function lists(world) {
  const jobs = new Map()
  const run = (kind, total) => {
    const id = `j${jobs.size + 1}`
    const job = { job: id, kind, state: 'running', rows: 0, total, added: 0, known: 0, on_dnc: 0, bad: 0, errors: [], message: null }
    jobs.set(id, job)
    const timer = setInterval(() => {
      job.rows = Math.min(total, job.rows + 9_100)
      job.bad = Math.floor(job.rows / 2_600)
      job.known = Math.floor(job.rows / 40)
      job.on_dnc = Math.floor(job.rows / 900)
      job.added = job.rows - job.bad - job.known - job.on_dnc
      job.errors = Array.from({ length: job.bad }, (_, n) => ({ row: 12 + n * 2_519, column: n % 4 === 3 ? '语种' : '手机号码', message: WHY[n % 4] }))
      if (job.rows >= total) {
        job.state = 'done'
        clearInterval(timer)
      }
      world.tell('job', { ...job })
    }, 180)
    return { job: id }
  }
  return {
    'POST /lists': ({ request }) => (Number(request.headers['content-length']) > 60e6 ? refuse(413, 'too_big', 'at most 50 MB') : LIST),
    'GET /lists/:list': ({ params }) => (params.list === 'l1' ? LIST : refuse(404, 'not_found', 'the upload is gone')),
    'POST /lists/:list/check': () => run('check', 100_000),
    'POST /campaigns/:campaign/import': () => run('import', 100_000),
    'GET /jobs/:job': ({ params }) => jobs.get(params.job) ?? refuse(404, 'not_found', 'no such job'),
    'GET /lists/:list/errors.csv': ({ response }) => (response.setHeader('Content-Type', 'text/csv'), Buffer.from('row,column,message\n')),
  }
}
