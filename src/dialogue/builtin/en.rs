//! What people answer an outbound call in English.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::Row;

pub(super) const INTENTS: &[Row] = &[
    Row {
        name: "affirm",
        examples: "yes/yes please/yeah/yeah sure/yep/yup/sure/sure thing/okay/okay then/all right/alright/of course/certainly/absolutely/definitely/sounds good/that sounds good/that sounds great\
            /sounds great/that works/that works for me/works for me/that would be great/that would be fine/that is fine/fine/fine by me/that is right/that is correct/correct/right/you got it/i am/i do/i would/i will\
            /yes i am/yes i do/yes i would/yes it is/it is/that is me/this is he/this is she/speaking/yes speaking/this is him/go ahead/go on/please do/tell me more/i am interested/i am interested in that/i would like that\
            /i would love to/i would like to/let us do it/let us do that/count me in/why not/i guess so/i suppose so/i think so/yes that is fine/no problem/no problem at all/not a problem/i do not mind/i do not mind at all\
            /i have no objection/no objections/i can do that/we can do that/book it/book me in/sign me up/put me down/perfect/great/excellent/good/very good/that is good/good idea/happy to/glad to/with pleasure\
            /i do not see why not/not bad/could not be better/i would not say no/sure why not/yeah go for it/you may/you can/i have a minute/i have got a minute/i have time/now is fine/i am not busy/not busy at the moment/now is good/it is a good time\
            /i would not say no/i would not mind/i cannot say no to that/there is no reason not to/no reason i could not/i am not against it/i am not opposed/nothing against it/nothing would make me happier/i do not have a problem with that/why would i not\
            /who would say no to that/what is not to like/how could i refuse/what have i got to lose/no need to ask twice/no need to wait do it now/do not worry i will be there/you do not have to convince me/no no go ahead/no it is fine carry on/it would not hurt\
            /could not agree more/i would be silly not to/oh go on then/you talked me into it/might as well/if you insist/fine put me down/i suppose it will do/i will take it/sign us up/you have twisted my arm",
        exact: "y/mhm/mm hmm/uh huh/uh-huh/aha/aye/indeed/true/totally/cool/lovely/brilliant/super/okey dokey/roger/deal/done/agreed/exactly/precisely/affirmative/you bet/by all means/right on/got it/i see yes/yes yes/ok sure\
            /si/we are/we do/we would/we will/i have/we have/i did/i can/i could/please/yes thank you/yes thanks/it does/it would/maybe yes/probably/probably yes/it is fine/it is okay/that is okay/that will do/that will work/it works",
        patterns: &[
            "^(yes|yeah|yep|yup|sure|okay|absolutely|definitely|certainly|of course) (i|we|it|that|you|he|she|this|please|go|let|sounds|fine|works|why)",
            "(i am|we are|i would be|quite|very|really|definitely|kind of|pretty) interested|(sounds|looks|seems) (good|great|fine|okay|interesting|perfect|nice|lovely|reasonable)",
            "(that|it|this|which) (works|will work|would work|is fine|would be fine|is good|would be good|would be great|would be lovely|is perfect|suits)|works for (me|us)|fine (by|with) (me|us)",
            "(i|we) (would|will) (like|love) (that|it|one)|(i|we) would (like|love|be happy|be glad) to$|sounds like a plan|(sign|book|put) (me|us) (up|in|down)|^tell me more|^go (ahead|on)|^(i|we) guess (so|yes|that)",
        ],
    },
    Row {
        name: "deny",
        examples: "no/no thanks/no thank you/nope/nah/not interested/i am not interested/we are not interested/i am really not interested/not really/not now/not for me/no way/not at all/i do not need it/i do not need that/we do not need it\
            /i do not need anything/i do not want it/i do not want that/i do not want to/i do not think so/i do not/i am not/i would not/i will not/we do not/i am good/i am good thanks/i am fine thanks/we are good/we are fine/i am all set/we are all set\
            /no i am good/no i am fine/no need/there is no need/that is not right/that is wrong/that is not correct/incorrect/wrong/it is not/no it is not/not correct/not true/not what i said/no that is wrong\
            /i will pass/pass/hard pass/i would rather not/rather not/never mind/forget it/forget about it/we already have one/i already have one/already done/already did that/we already did it/i already have someone\
            /we rent/i am renting/i do not own the house/absolutely not/definitely not/certainly not/of course not/not a chance/no chance/not today/not today thanks/not this year\
            /i do not have any plans/no plans/we have no plans/nothing planned/not looking for anything/we are not looking/do not bother/please do not/leave it/that does not work/that will not work/it does not work for me/that does not suit me/cannot do that/cannot make it\
            /why would i want that/who needs that/who has the time/what would i do with it/do i look like i need one/what is the point/why bother/count me out/over my dead body/when pigs fly/forget about it/i will leave it/i will give it a miss\
            /sounds nice but no/lovely offer but no thanks/it is kind of you but we are fine/we are happy with what we have/we are staying with our own supplier/we went with someone else/my husband is against it/my wife says we have enough\
            /it is not that i dislike it but we have no room/i would love to but i cannot/thanks for thinking of us but we will pass/i have to decline/we have made other arrangements",
        exact: "n/negative/non/uh uh/nuh uh/no no/no no no/no sir/no ma'am/never/none/neither/not quite/not exactly/not necessarily/no not really/no not interested/we are not/we would not/i did not/i have not/i cannot/cannot/i do not have/it does not/it is not for me/no that is okay\
            /no that is fine/no that is all right/no it is okay/no it is fine/no i am okay/thanks but no thanks/no but thanks/it is a no/that is a no/i said no/i already said no/just no/no go/no deal/nothing/thanks no/no all good/nope all good/no all good here",
        patterns: &[
            "(i|we) (do|did|would) not (think|believe|feel|see|suppose) (i|we|so|that|it|there|this)|(i|we) (do|did) not (own|ask|rent|have any|have a)|(i|we) (am|are) not (doing|having|getting|planning|buying|looking)|not something (i|we)|(that|it|this) (does|will|would) not (work|suit|help)|(just|recently|already) had (it|that|one|them) (done|replaced|fixed)|zero interest",
            "not (really |particularly |that |very |too |at all |all that |)interested|(no|not any|zero|little) (interest|desire|intention) (in|to|of)|^no (interest|interests)",
            "(do|does|did|will|would) not (really |)(need|want|care|require) (it|any|one|this|that|anything|your|to|a|another|the|for|about)",
            "^(no|nope|nah) (thanks|thank|i do not|i am not|we do not|we are not|i would not|not|it is not|that is not|i have not|we have not|i already|we already)",
            "(not|no longer) (looking|planning|thinking|considering|going to)|(i|we) (will|would) pass|already (have|got|did|had|done|bought|use|using)|not for (me|us)",
            "(no|not any) (plans|need|use)|rather not",
        ],
    },
    Row {
        name: "opt_out",
        examples: "stop calling/stop calling me/please stop calling/please stop calling me/do not call me/do not call me again/do not call again/do not call here again/do not call this number/do not call this number again/never call me again\
            /never call again/take me off your list/take me off the list/take me off your calling list/please take me off your list/remove me from your list/remove my number/remove my number from your list/please remove my number/put me on the do not call list\
            /put me on your do not call list/i am on the do not call list/we are on the do not call list/delete my number/lose my number/unsubscribe/unsubscribe me/stop contacting me/do not contact me/do not contact me again/quit calling me\
            /quit calling/stop bothering me/stop harassing me/this is harassment/you keep calling me/you people keep calling/i told you not to call/i asked you not to call/i told you to stop calling/i will report you/i am going to report you\
            /i do not want any more calls/i do not want these calls/no more calls/no more calls please/opt out/i want to opt out/opt me out/leave me alone/please leave me alone/cease and desist/i do not want you to call me/do not ever call me again\
            /i would appreciate it if you did not call again/scratch my number/stop ringing me/stop phoning me",
        exact: "stop/opt out/unsubscribe/do not call/do not call list/stop it/no calls",
        patterns: &[
            "(stop|quit|cease|enough) * (calling|calls|ringing|phoning|contacting|harassing|bothering|dialing|texting)|(stop|quit) (calling|ringing|phoning|contacting|harassing|bothering)",
            "(do not|never|not to|did not|would not|please not|not) (ever |you |keep |)(call|ring|phone|contact|dial|calling|bother) (me|us|here|this|again|back|any|my|anymore|our|at|ever)|(do not|never) (call|ring|phone)$|(never|do not) ever call",
            "(take|get|remove|strike|scratch|drop|delete|erase|wipe) (me|us|my|our|this|the) * (list|lists|number|off|database|system|records)|(take|get) (me|us) off|remove (me|us|my number|our number|this number)",
            "(not|never) (ever |)(want to |wish to |)hear from (you|this|any)|(strike|cross|scrub|wipe|purge|erase|forget|scrap|bin) (my|our|this) (name|number|details|info|data|contact)|(lose|forget) (my|this|our) (name|number|details)|stop * (phoning|texting|emailing|pestering|hounding|spamming)|block(ed|ing|) (you|this)|no (further|future) (calls|contact)",
            "(removed|taken|off|deleted|struck|dropped) (from|off) (this|your|the|all) *(list|lists|database|system|records)|(no more|never|not) * (calls|ring|call|phone) * (number|again)|(do not|no) call (list|registry|register)|on the * (do not call)|opt (me |us |)out|unsubscribe|(lose|delete|block) (my|this|our) number|(report|sue) you|leave (me|us) alone",
            "(no more|any more|these) (calls|phone calls)|not want * (more|these) * calls|(told|asked) you (not to|to stop)|not bother (calling|ringing|phoning)|off (this|your|the) list|(wish|want|like|prefer) not to be (called|contacted|phoned|bothered)|not (wish|want|like|care) to be (called|contacted|phoned|bothered)|keep calling|want you to call me again|want you (to stop|calling)",
        ],
    },
    Row {
        name: "human",
        examples: "can i talk to a real person/can i speak to a real person/i want to talk to a person/i want to speak to a human/let me talk to a human/let me speak to someone/can i speak to someone/can i talk to somebody/put me through to someone\
            /transfer me/transfer me to an agent/connect me to an agent/connect me with a person/speak to an agent/talk to an agent/agent please/operator/operator please/representative/i want a representative/get me a human/get me a person\
            /give me a real person/can someone call me/can a person call me/is there a person i can talk to/is there someone i can talk to/i would rather talk to a person/i do not want to talk to a robot/i do not want to talk to a machine\
            /can i speak to your manager/let me talk to your manager/put me through/could i speak with a designer/i would like to talk to your sales team/customer service",
        exact: "human/a human/real person/a real person/person/agent/operator/representative/manager/customer service/someone real/live person/speak to agent/a person please",
        patterns: &[
            "(talk|speak|chat|speaking|talking|put|transfer|connect|through|get|give|want|need|find) * (human|person|someone|somebody|agent|representative|rep|operator|manager|supervisor|designer|designers|agents|advisors|experts|consultant|advisor|salesperson|specialist|expert|colleague|team)",
            "(transfer|connect) me|put me through|(real|actual|live|human) (person|human|agent|being)$|is there (a|an|any) (real|actual|live|human) *|not * (talk|speak|talking|speaking) to a (robot|machine|computer|bot)|^(agent|operator|representative)",
        ],
    },
    Row {
        name: "robot_question",
        examples: "are you a robot/are you a real person/are you real/are you human/are you a human/is this a robot/is this a real person/is this a recording/is this a machine/is this an automated call/is this automated/am i talking to a robot\
            /am i talking to a machine/am i speaking to a computer/are you a computer/are you a bot/are you an ai/is this ai/is this a robocall/you sound like a robot/are you a machine/is this a person/you are a robot/you are not real are you",
        exact: "robot/a robot/is it a robot/robocall/is this a bot/you a robot/ai/are you ai",
        patterns: &[
            "(are you|is this|is it|you are|you sound|am i (talking|speaking) (to|with)|this is|is that) * (robot|bot|machine|computer|recording|ai|automated|robocall|automatic|artificial)",
            "(are you|is this|am i (talking|speaking) (to|with)) (a |an |one of those |some kind of |some sort of |)(real|human|person|live|actual|a i|ai|robots|bots|robot|machine)",
        ],
    },
    Row {
        name: "repeat",
        examples: "say that again/can you say that again/could you say that again/please say that again/come again/pardon/pardon me/i beg your pardon/what did you say/what was that/what did you just say/can you repeat that/could you repeat that\
            /repeat that please/repeat please/one more time/one more time please/i did not hear you/i did not hear that/i did not catch that/i cannot hear you/i can hardly hear you/you are breaking up/the line is bad/speak up/speak louder\
            /slow down/could you speak slower/i do not understand/i did not understand/i did not get that/what do you mean/what do you mean by that/sorry what/i missed that",
        exact: "what/what's that/huh/sorry/sorry?/excuse me/pardon/eh/again/again please/say what/what now/hm what/come again please/what is it",
        patterns: &[
            "(say|repeat|run) * (again|one more time)|repeat (that|it|please|yourself|the)|(did not|could not|cannot|can not|can hardly|can barely|do not) (quite |really |)(hear|catch|get|understand|follow) (you|that|it|what|a)",
            "^what (did you|was that|do you mean|is that)|breaking up|(you|it|line|voice|signal) (just |is |are |keep |keeps |)(cut|cutting|broke|breaking|dropped|dropping|faded|fading|went|gone) (out|up|off|quiet|dead|in and)|speak (up|louder|slower|slowly|more slowly)|slow down|bad (line|connection|reception)|what did you (just |)say",
        ],
    },
    Row {
        name: "busy",
        examples: "i am busy/i am busy right now/i am a bit busy/i am kind of busy/i am driving/i am driving right now/i am in a meeting/i am at work/i am working/i am at lunch/i am having dinner/i am eating/i am at the hospital/i am in class\
            /i am on another call/i am on the other line/i am in the middle of something/i am about to leave/i am out right now/i am at the store/i am with a client/i am with someone/not a good time/this is not a good time/now is not a good time/bad time\
            /it is a bad time/you caught me at a bad time/i cannot talk/i cannot talk right now/i cannot talk now/i do not have time/i do not have time right now/i have no time/i have to go/i have got to go/i got to run/call me later/call me back/call me back later\
            /call back later/can you call later/can you call back/could you call me tomorrow/call me tomorrow/call me next week/call me in an hour/try me later/try again later/maybe later/later/some other time/another time/can we do this later\
            /do not call me now call me tomorrow/i am putting the kids to bed/i am in a hurry/i am on my way out/hold on i am busy/ring me later/give me a call tomorrow/give me a call back/catch me later",
        exact: "busy/driving/working/in a meeting/at work/later please/not right now/not now later/one second/one moment/hold on/hang on/wait/just a minute/just a second/tomorrow maybe call/got to go",
        patterns: &[
            "(i am|we are|kind of|kinda|bit|little|really|very|too|pretty|super|quite|i was) (busy|driving|working|cooking|eating|sleeping|teaching|shopping|travelling|traveling)|(i am|we are) (just |right |currently |still |)(in|at|on|with|having|about to|in the middle|out) (a |an |the |my |another |)(meeting|work|class|lunch|dinner|call|store|client|doctor|hospital|airport|road|train|bus|office|job|middle|someone|leave|phone|line|hurry|car)",
            "(call|ring|phone|try|catch|contact|reach) (me |us |)(back|later|again later|tomorrow|tonight|next|in|after|another|on|at|around|some other|this|monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
            "(give|buzz) me a (call|ring|buzz) (back|later|tomorrow|next|after|in|on|at|around|this)|not (really |exactly |)a (good|great|convenient) time|bad time|(another|other|different|better) time$",
            "(cannot|can not|could not) (really |)(talk|speak|chat)( right now| now| at the moment| today|)|(no|not have|not have any|not got|have not got) (the |)time|(have|got|need) to (go|leave|hang up)|(have|got) to run$",
            "(busy|tied up|occupied|in a rush|in a hurry)",
        ],
    },
    Row {
        name: "wrong_number",
        examples: "wrong number/you have the wrong number/you have got the wrong number/i think you have the wrong number/wrong person/you have the wrong person/there is no one here by that name/nobody by that name here/no one by that name\
            /he does not live here/she does not live here/he does not live here anymore/that is not me/this is not him/this is not her/i am not him/that is not my name/who are you looking for/who do you want to speak to/i do not know that person\
            /this is not his phone/i just got this number/he moved out/she moved away/i do not know who that is",
        exact: "not me/wrong house/never heard of him/never heard of her/who/no such person/he is not here/she is not here/not him/not her/not my name",
        patterns: &[
            "there is (no|not a|not any) * (here|at this number|at this address)$|(dialed|called|got|dialled|rang|have) * wrong$",
            "wrong (number|person|guy|house|phone|name)|(no one|nobody|no body|nobody here|no person|anyone) (here |)(by|with|called|named) (that|this)",
            "(looking for|want|after|thinking of|mean|need) (the|a|some) (other|different|wrong) *|(want|looking for|after) (someone|somebody) else|(not|never) (live|lives|work) here|(this|that|i|it) (is|am) not (him|her|he|she|me|his|my name|the right person)|not know (that|this|him|her|any)|(new|just got this) number",
        ],
    },
    Row {
        name: "abuse",
        examples: "go to hell/screw you/fuck off/fuck you/get lost/piss off/shut up/drop dead/you are a scam/this is a scam/you scammers/you are a scammer/what the hell/what the fuck/you idiot/you are an idiot/go away/bullshit/you people are crooks/bloody scammer",
        exact: "scam/scammer/scammers/spam/fuck/shit/damn you/asshole/bastard/idiot/moron/bugger off",
        patterns: &[
            "(fuck|screw|damn) (you|off|this)|(go to|what the) (hell|fuck)|(scam|scammer|scammers|crooks|asshole|bastard|bullshit|idiots|idiot)|(get lost|piss off|shut up|drop dead|bugger off)",
        ],
    },
    Row {
        name: "hesitate",
        examples: "i will have to think about it/i would have to think about it/let me think about it/let me think/i need to think about it/i will think about it/i need to think it over/maybe/perhaps/i am not sure/not sure/i am not sure yet\
            /i do not know/i do not know yet/i will have to ask my wife/i need to ask my husband/i have to talk to my wife/let me check with my husband/i have to check/let me check/we have not decided/we have not decided yet/i have not decided\
            /it depends/that depends/depends on the price/we will see/i will see/possibly/could be/hard to say/i might/we might/i am on the fence/i am still thinking/we are still thinking about it/give me some time to think/i would need to discuss it",
        exact: "dunno/no idea/i dunno/hmm maybe/who knows/not certain/undecided/let me see/let me think/i will let you know/maybe maybe not/kind of/sort of/so so/ish",
        patterns: &[
            "think (about|on|it|that|this) (it|that|this|over)|(need|have|want|like|got|going) to think|let (me|us) think|still (thinking|deciding|considering|undecided)",
            "(ask|talk to|talk with|check with|speak to|discuss it with|consult|run it by) (my|the|with my) (wife|husband|partner|spouse|family|boss|landlord|parents|mother|father|kids)",
            "not (really |quite |too |so |entirely |)(sure|certain|decided)|^(it |that |)depends|have not (really |)(decided|made up|thought)|^(maybe|perhaps|possibly)|^(i|we) (do not|would not) know",
        ],
    },
    Row {
        name: "price",
        examples: "how much/how much is it/how much does it cost/how much would that cost/how much do you charge/what does it cost/what is the price/what is the cost/what are your rates/is it free/is there a fee/is there a charge/do i have to pay\
            /do i have to pay anything/what is the catch/any discounts/do you have a discount/are there any hidden fees/what is that per month/can i pay in installments/it is too expensive/that is too expensive/too expensive for me\
            /that is a lot of money/that is expensive/that is pricey/i cannot afford it/cannot afford it/we cannot afford that/i do not have the money/i do not have that kind of money/not in my budget/out of my budget/money is tight/i am broke\
            /that is a rip off/can you do it cheaper/can you do better on the price/i can get it cheaper elsewhere/that costs too much",
        exact: "price/the price/cost/the cost/expensive/too much/too pricey/how expensive/pricey/too dear/too rich for my blood/too steep/broke/skint/cheaper/any discount/free/is this free",
        patterns: &[
            "how (much|expensive)|what * (cost|price|charge|fee|fees|rates)|(too|so|very|bit) (expensive|pricey|costly|dear|steep)|(cannot|can not|could not) (really |)afford",
            "(is|are) (there|it|this|that|they) (a |any |an |really |)(fee|charge|charges|free|cost|costs|discount|discounts)|(have|need|do i) to pay|not (have|got|in|enough|the) * (budget|money)",
        ],
    },
    Row {
        name: "language",
        examples: "do you speak chinese/do you speak mandarin/can you speak chinese/can you speak mandarin/can we speak mandarin/chinese please/mandarin please/in chinese please/could we do this in chinese/do you have someone who speaks chinese\
            /is there anyone who speaks mandarin/i do not speak english/i do not speak much english/my english is not good/my english is bad/no english/i do not understand english/i would prefer mandarin/i would rather speak chinese/speak chinese please\
            /do you speak english/can you speak english/english please/in english please/do you speak spanish/可以说中文吗/说中文可以吗/你会说中文吗/会说中文吗/请说中文/请讲中文/能说普通话吗/你会说普通话吗/我不会说英语/我听不懂英语/听不懂英文/讲中文行吗",
        exact: "chinese/mandarin/english/中文/普通话/说中文/讲中文/国语/putonghua/no speak english/no habla/hablas espanol/se habla espanol",
        patterns: &[
            "(speak|speaks|speaking|talk|in|understand|use|prefer|switch to|know) (any |much |good |some |)(english|chinese|mandarin|cantonese|spanish)|(english|chinese|mandarin|cantonese|spanish) please|my english is *",
            "(说|讲|用|会|换)*(普 通 话|国 语|中 文|汉 语|英 语|英 文)|(听|说|讲) 不 (懂|来)",
        ],
    },
    Row {
        name: "complaint",
        examples: "this is ridiculous/that is ridiculous/this is unacceptable/this is outrageous/i am fed up/i am fed up with this/i am sick of this/i am sick of these calls/i am sick and tired of this/i am angry/i am very angry/i am furious/you are annoying/this is so annoying\
            /this is really annoying/you are getting on my nerves/i am losing my patience/i have had enough/i have had enough of this/i want to complain/i want to make a complaint/i would like to file a complaint/this is a joke/you people are unbelievable\
            /you people are a joke/this is the third time this week/how many times do i have to tell you/are you deaf/what is wrong with you people/terrible service/your service is terrible/i am really upset/i am not happy about this/this is a disgrace\
            /you are wasting my time/stop wasting my time",
        exact: "ridiculous/annoying/unbelievable/outrageous/unacceptable/disgraceful/for god's sake/for crying out loud/oh for heaven's sake/give me a break/not again/you again/enough is enough/seriously",
        patterns: &[
            "(this|that|it|you people|you guys|you) (is|are) (so |really |just |absolutely |completely |getting |a bit |very |)(ridiculous|unacceptable|outrageous|annoying|disgraceful|unbelievable|a joke|a disgrace|pathetic|infuriating|rude)",
            "(fed up|sick of|sick and tired|had enough|had it with|losing my (patience|temper)|on my nerves|driving me (mad|crazy|nuts|up the wall)|wasting my time|make a complaint|file a complaint|how many times (do|have|must))|i am (so |very |really |absolutely |)(angry|furious|livid|annoyed|upset|pissed)",
        ],
    },
];
