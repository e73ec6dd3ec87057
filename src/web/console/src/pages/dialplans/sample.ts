// What a new dialplan begins with: small, complete and checked.

import { lang } from '../../i18n/index.svelte'

export function sample(name: string): string {
  return lang.now === 'zh'
    ? `# 一通最短的外呼：打招呼，问一句，按回答结束。改成您自己的再发布。
callsmith: 1
name: ${name}
lang: zh
company: 您的公司
profile: CN
disclosure: 您好，我是{company}的智能语音助手，通话会录音。
start: greet

intents:
  interested:
    tag: interested
    examples: [有兴趣, 想了解一下, 可以说说, 怎么收费, 你讲讲看]

steps:
  greet:
    say: 想跟您介绍一下我们的新活动，占用您一分钟可以吗？
    listen: yes_no
    on:
      affirm: offer
      interested: offer
      deny: { say: 好的，打扰您了，再见。, tag: refused, hangup: completed }
    else: offer

  offer:
    say: 这周报名有优惠，您想了解一下吗？
    listen: yes_no
    on:
      affirm: { say: 好的，稍后由同事跟您联系，再见。, tag: interested, hangup: completed }
      interested: { say: 好的，稍后由同事跟您联系，再见。, tag: interested, hangup: completed }
      deny: { say: 没关系，祝您生活愉快，再见。, tag: refused, hangup: completed }
    else: { say: 好的，我让同事把资料发给您，再见。, hangup: completed }

grade:
  - { grade: A, when: { any: [interested] }, reason: 客户想了解 }
  - { grade: E, when: { any: [refused] }, reason: 客户拒绝 }
  - { grade: C, when: {}, reason: 没有表态 }
`
    : `# The shortest call: greet, ask once, end by the answer. Make it yours, then publish.
callsmith: 1
name: ${name}
lang: en
company: Your Company
profile: US
disclosure: Hello, this is the automated assistant of {company}, on a recorded line.
start: greet

intents:
  interested:
    tag: interested
    examples: [sounds good, i am interested, tell me more, how much is it, go on]

steps:
  greet:
    say: I would like to tell you about our new offer. Do you have a minute?
    listen: yes_no
    on:
      affirm: offer
      interested: offer
      deny: { say: "All right, sorry to bother you. Goodbye.", tag: refused, hangup: completed }
    else: offer

  offer:
    say: This week there is a discount for new customers. Shall I have someone call you about it?
    listen: yes_no
    on:
      affirm: { say: "Great, a colleague will call you. Goodbye.", tag: interested, hangup: completed }
      interested: { say: "Great, a colleague will call you. Goodbye.", tag: interested, hangup: completed }
      deny: { say: "No problem. Have a good day. Goodbye.", tag: refused, hangup: completed }
    else: { say: "I will have the details sent to you. Goodbye.", hangup: completed }

grade:
  - { grade: A, when: { any: [interested] }, reason: wants to know more }
  - { grade: E, when: { any: [refused] }, reason: declined }
  - { grade: C, when: {}, reason: said neither yes nor no }
`
}
