// What the mock's callees and robots say. Each line: who, text, and what it earns.

const zh = [
  { who: 'robot', step: '问候', text: '您好，这里是悦动教育的语音助手，本次通话会录音。请问您家孩子现在上几年级？' },
  { who: 'callee', text: '三年级了', slots: { 年级: '三年级' }, intent: '告知年级', tags: [['小学家长', '三年级']], grade: ['C', '有孩子在读'] },
  { who: 'robot', step: '介绍课程', text: '好的，三年级正是打基础的时候。我们有一节免费的数学思维体验课，这周六上午可以来听，您方便吗？' },
  { who: 'callee', text: '多少钱啊，贵不贵', intent: '问价格', tags: [['关心价格', '多少钱']] },
  { who: 'robot', step: '答:价格', text: '体验课完全免费，正式课程平均一节八十元。很多家长都是听完体验课再决定的。' },
  { who: 'callee', text: '嗯，那周六上午几点', intent: '愿意参加', tags: [['意向体验', '周六上午几点']], grade: ['B', '主动问时间'] },
  { who: 'robot', step: '约时间', text: '上午十点开始，四十五分钟。我帮您留一个名额好吗？' },
  { who: 'callee', text: '可以，你把地址发我手机上吧，还有能不能让老师跟我说一下', intent: '同意', tags: [['已约体验', '可以'], ['要求人工', '让老师跟我说一下']], grade: ['A', '同意并要求老师联系'], card: { 体验时间: '周六 10:00' }, want: '客户要求与老师通话' },
  { who: 'robot', step: '转人工', text: '好的，我马上请老师来接听，请您稍等。顺便问一下，孩子平时数学成绩怎么样？' },
  { who: 'callee', text: '还可以吧，就是应用题老错', intent: '告知弱项', slots: { 弱项: '应用题' } },
  { who: 'agent', text: '您好，我是李老师，应用题这块我们体验课正好会讲，您看孩子周六大概几点到？' },
  { who: 'callee', text: '九点五十吧，我们住得近' },
  { who: 'agent', text: '好的，我给您留第一排的位置，地址一会儿短信发给您。' },
  { who: 'callee', text: '行，谢谢老师' },
]
const zhCold = [
  { who: 'robot', step: '问候', text: '您好，这里是悦动教育的语音助手，本次通话会录音。请问您家孩子现在上几年级？' },
  { who: 'callee', text: '我在开会', intent: '不方便', tags: [['忙', '在开会']] },
  { who: 'robot', step: '约回呼', text: '不好意思打扰您了，那我晚上七点再打给您可以吗？' },
  { who: 'callee', text: '不用了，别再打了', intent: '拒绝', tags: [['拒绝再呼', '别再打了']], grade: ['E', '明确拒绝'], alert: ['opt_out', '客户要求不再致电'] },
  { who: 'robot', step: '结束', text: '好的，已为您登记，不再打扰，祝您生活愉快。' },
]
const zhLost = [
  { who: 'robot', step: '问候', text: '您好，这里是安居物业的语音助手，通话会录音。请问是{name}吗？' },
  { who: 'callee', text: '啊？听不清', nomatch: 1 },
  { who: 'robot', step: '问候', text: '抱歉，我再说一遍，请问是{name}本人吗？' },
  { who: 'callee', text: '对对对，你说吧，我这边信号不太好，刚才那句没有听到你们是哪个单位的', intent: '确认', grade: ['D', '本人接听'] },
  { who: 'robot', step: '催缴', text: '您本季度的物业费一千二百六十元还没有缴，本周内可以在小程序上缴。' },
  { who: 'callee', text: '上次报修的水管还没给我弄好呢，我要投诉你们', intent: '投诉', tags: [['投诉', '我要投诉']], alert: ['sensitive', '投诉'] },
  { who: 'robot', step: '安抚', text: '非常抱歉，我已经记下，今天会有工程师联系您。' },
]
const en = [
  { who: 'robot', step: 'greeting', text: 'Hello, this is the automated assistant of Northwind Insurance, the call is recorded. Is this {name}?' },
  { who: 'callee', text: 'yes speaking what is it about', intent: 'confirm', grade: ['D', 'right person'] },
  { who: 'robot', step: 'offer', text: 'Your car policy ends on the thirtieth. I can renew it today with ten percent off. Shall I tell you the price?' },
  { who: 'callee', text: 'hmm how much would that be', intent: 'ask_price', tags: [['price asked', 'how much']], grade: ['C', 'asked for the price'] },
  { who: 'robot', step: 'faq: price', text: 'Four hundred and twenty dollars for twelve months, with roadside help included.' },
  { who: 'callee', text: "that's actually better than what I pay now, does it cover my daughter too", intent: 'interested', tags: [['interested', 'better than what I pay now'], ['second driver', 'my daughter']], grade: ['B', 'compared with the present price'] },
  { who: 'robot', step: 'second driver', text: 'A second driver over twenty one is free of charge. How old is she?' },
  { who: 'callee', text: "she's twenty three, okay let's do it, can I talk to a person about the details", intent: 'agree', slots: { driver_age: '23' }, tags: [['wants human', 'talk to a person']], grade: ['A', 'agrees and asks for a person'], card: { 'second driver': 'daughter, 23' }, want: 'asked to talk to a person' },
  { who: 'robot', step: 'bridge', text: 'Of course, a colleague will be with you in a moment. Which car is it for?' },
  { who: 'callee', text: 'the Honda, a Civic from twenty nineteen' },
  { who: 'agent', text: 'Good afternoon, Anna here. I have your Civic in front of me, shall we add your daughter now?' },
  { who: 'callee', text: 'yes please' },
]
const enMachine = [
  { who: 'callee', text: "you've reached the voicemail of", intent: null, alert: ['silence', 'answering machine?'] },
  { who: 'robot', step: 'voicemail', text: 'Hello, this is Northwind Insurance about your car policy. We will call again tomorrow.' },
]

export const scripts = [
  { lang: 'zh', dialplan: '体验课邀约', campaign: { id: 1, name: '暑期体验课 · 七月名单' }, lines: zh },
  { lang: 'zh', dialplan: '体验课邀约', campaign: { id: 1, name: '暑期体验课 · 七月名单' }, lines: zhCold },
  { lang: 'zh', dialplan: '物业费提醒', campaign: { id: 2, name: '三季度物业费' }, lines: zhLost },
  { lang: 'en', dialplan: 'car-renewal', campaign: { id: 3, name: 'Car policy renewal, west' }, lines: en },
  { lang: 'en', dialplan: 'car-renewal', campaign: { id: 3, name: 'Car policy renewal, west' }, lines: enMachine },
]
export const names = {
  zh: ['王伟', '李静', '张敏', '刘洋', '陈秀英', '杨磊', '赵丽', '黄强', '周杰', '吴涛', '徐慧', '孙明', '欧阳建国', '马超', '朱琳'],
  en: ['Emma Clarke', 'Noah Reyes', 'Olivia Brandt', 'Liam O’Connor', 'Ava Nguyen', 'Mason Patel', 'Sophia Rossi', 'Lucas Meyer'],
}
