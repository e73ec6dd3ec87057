// A long work of the server: told by the event stream, asked for when the stream says nothing.

import { api, ApiError } from '../../lib/api'
import { feed } from '../../lib/feed.svelte'
import type { Job } from '../../lib/types'

const ASK_MS = 1_500

export class JobWatch {
  job = $state.raw<Job | null>(null)
  error = $state.raw<ApiError | null>(null)
  #stop: (() => void) | null = null

  /** Follows a job until it is over; following another one ends the first. */
  follow(id: string): void {
    this.leave()
    this.job = null
    this.error = null
    const take = (job: Job) => {
      if (job.job !== id) return
      this.job = job
      if (job.state !== 'running') this.leave()
    }
    const off = feed.on('job', take)
    let over = false
    const ask = async () => {
      try {
        const job = await api.get<Job>(`/jobs/${id}`)
        if (!over) take(job)
      } catch (why) {
        if (over || !(why instanceof ApiError) || why.code === 'offline') return
        this.error = why
        this.leave()
      }
    }
    const timer = setInterval(ask, ASK_MS)
    this.#stop = () => {
      over = true
      off()
      clearInterval(timer)
    }
    void ask()
  }

  leave(): void {
    this.#stop?.()
    this.#stop = null
  }

  get share(): number | null {
    const job = this.job
    if (!job) return null
    if (job.state === 'done') return 1
    return job.total ? job.rows / job.total : null
  }
}
