//! English. Cues that say neither yes nor no: asides, turns, other times, money, indecision.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::Sense::{self, *};

pub(in super::super) const CUES: &[(Sense, &str)] = &[
    // Neither, whatever negations it holds.
    (
        Void,
        "(do not|never|please do not) (cancel|delete|drop|lose|forget|stop) (it|that|my|the|us|me)( booking| slot| order| appointment|)|(said|say|saying) yes (last|before|until|to|the other|at first|yesterday|earlier)*|(was|had been) a yes*|take (it|this) (personally|the wrong way)",
    ),
    (
        Void,
        "you are not (going to|gonna) (give up|stop|let|take no|quit|leave|go away)*|need not (ask|tell|worry|explain|say|bother|wait|have)* (twice|again|me|it|)|(best of luck|good luck|all the best|take care|have a (good|nice|great|lovely) (one|day|evening|weekend))( with it| with that|)",
    ),
    (
        Void,
        "(no need|do not need|you do not (need|have)|do not have|do not|no reason|needless|not necessary|never mind|skip|forget|stop|enough of|not to|do not you|there is no need|no point|hold off) (to |for you to |)(the |about the |with the |you |all the |all this |){wave}*(on my account|about (it|that|the *)|)|(never mind|forget|skip|spare me|cut|drop|leave out|leave aside|enough with) (about |)(the|your|all the|all that) (brochure|details|small print|fine print|spiel|chat|pitch|sales pitch|waffle|pleasantries|paperwork|small talk|explanation|speech|script|email|letter|leaflet|chit chat|rest|preamble|introduction|formalities|blurb|terms|patter)",
    ),
    (
        Void,
        "(do not|please do not|no do not) (hang up|go|worry|leave|rush|apologi|apologise|apologize|be sorry|be silly|panic|mind me|sweat|get me wrong|stress)|not to worry|no (worries|rush|hurry|pressure)|(did|have) not (wake|disturb|interrupt|bother|wake me|missed|caught me)*|you are (fine|okay|all right|alright|not (bothering|disturbing|interrupting|keeping))( me| us| anything|)|not that it matters|no matter|no kidding|no joke|no lie|not gonna lie|not going to lie|why did you not (say|call|ring)*|can not believe|not to be rude|not only|not just|no wonder|no offence|no offense|nothing personal|i was (going to|gonna|about to) say (no|yes)|you (do|did) not (say|have to)|if not",
    ),
    (
        Void,
        "^no (hold on|wait|hang on|actually|sorry|i mean|listen|oh|but)|(hold on|hang on|wait)$",
    ),
    (
        Void,
        "^(you tell me|who is to say|beats me|search me|no comment|what do you think|whatever|that is a question|good question|i could not say|who can say|if only)$|(have not|not|never) (ever |yet |)(changed|changing|change) my mind|do not need to (check|ask|see|consult|talk|speak|hear|look|read|think|wait|know|discuss|explain|run it) *(with|to|by|about|at|) (anybody|anyone|him|her|it|that|them|my *|the *|nobody|more|)",
    ),
    (
        Void,
        "^(i hear you|i see|fair enough|gotcha|is that so|oh really|really|interesting|oh right|i understand|understood|good to know|fair point|oh is it|oh is that right|right you are then|so that is how *|right i see|noted|oh i see|got you|okay i see|that so|if you say)$",
    ),
    (
        Void,
        "(price|money|cost) (is|are) (not a|no|not the|not an) (problem|issue|object|concern)|money no object|not about the (price|money|cost)",
    ),
    (
        Void,
        "(not that|not because|not like|is not that) {iwe} (can|could) not afford (it|that|them|to|)",
    ),
    // Turns.
    (
        But,
        "but|however|although|though|only thing is|then again|on second thought|on second thoughts|actually|come to think|still|mind you|unfortunately|sadly|just that|except|on reflection|that said|having said that|thinking about it|wait|so yes|so no|yet",
    ),
    // Another time.
    (
        Later,
        "(mid|between|in between|halfway through) (meeting|meetings|lunch|dinner|shift|drive|call|calls|class|interview|a)*|(ping|text|message|email|whatsapp) me (at|in|after|later|when|tomorrow)*|give (it|me) (an hour|half|a few minutes|a few hours|ten|five|twenty|a couple of minutes|a couple of hours|a bit|a minute|until)*|{ring} again$|(at|in) (the |)(hospital|doctor|dentist|surgery|clinic|airport|office|gym)",
    ),
    (
        Later,
        "(in|at|on) (the|a|my) (bath|shower|funeral|toilet|loo|gym|doctor|doctors|dentist|dentists|library|cinema|theatre|theater|church|shop|shops|supermarket|checkout|garage|car|train|bus|tube|hospital|school|office|pub|airport|station|vet|vets|salon|hairdresser|hairdressers|middle|phone|other line|road|motorway|ladder|roof|garden)|(is not|was not) (ideal|great|the time|a good time|convenient|the best)|(now|today|this) is not (ideal|great|a good|convenient|the best|really)*|(call|ring|phone|try|catch) (me |)(in|on|at|after|before|around|by) *|(got|have) (my |)(hands|a pan|a baby|the kettle|dinner|tea|food|something) (full|on|in|over)*|(up to my|elbow|knee|neck)*(eyes|eyeballs|deep|in work|in it)|(running|run) (late|out the door|for)|(kids|baby|dog|boss|train|bus|taxi|meeting|lunch|dinner) (is|are) (just |about to |)(calling|crying|screaming|here|leaving|starting|asleep|ready|arriving|coming|waiting|burning|kicking off)*|(rain check|raincheck)|(revisit|circle back|touch base|reconnect|follow up) *|(in|after|until|till) (march|april|may|june|july|august|september|october|november|december|january|february|spring|summer|autumn|winter|easter|christmas|the new year|payday|half term|the holidays)$",
    ),
    (
        Later,
        "(i am|we are|bit|too|really|pretty|very|so|rather|quite|kind of|super|currently|all) busy|^busy|(have not|do not have|have no|no) (got |)(the |any |)time$",
    ),
    (
        Later,
        "(can|could|shall|may|let us|let me|please|maybe|perhaps|would|will|might|just|how about|better|rather|you can|try and|why not|why do not) *({ring}) *{rush}|{ring} (me |us |again |back |me again |)(then|instead)|try then|(i am|i will be|we will be|we are|only) (free|available|around|home|back|off|done|in) (again |only |)(around|after|at|from|by|about|in|on|tomorrow|next|later|till|until) *|(finish|finishes|finished|ends|over|done|off) (work |)(at|by|around|after) *(try|call|ring|then)|(ask|try|call|ring|phone|check) (me |us |)(again |back |)(once|when|after|in) *|(just|only just|literally) (sat|got|stepped|walked|pulled|come|came|gone|sitting|putting|getting|heading|woken|woke|stopped|clocked|picked|served|dished) (down|in|into|out|off|up|on|to|at|the|home|back|here|dinner|lunch|work)*|{ring} (me |us |back |again |me back |this |it |up |)(up |back |again |)(in |on |at |for |)({rush})|(get|be) back to (me|you) *{rush}",
    ),
    (
        Later,
        "(bad|wrong|terrible|awful|poor|inconvenient|lousy|rubbish|rotten) (time|timing|moment)|not (really |exactly |)(a|the) (good|great|best|convenient|ideal|right) (time|moment)|(another|some other|a different|a better|different|better) (time|day)|(maybe|try|how about|perhaps|say|make it|until|after|leave it (till|until)|wait (till|until)|more like|rather) (monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|tomorrow|this evening|tonight|later|the weekend|next month|in the new year|christmas|the holidays|easter|summer)|(saying |)not (this week|this month|right now|now|yet|just now|just yet|this minute|at the moment)",
    ),
    (
        Later,
        "(i am|we are|he is|she is|kids are|baby is) (just |right |currently |still |already |actually |literally |)(about to|driving|cooking|eating|working|heading|walking|running|on my way|in the middle|in the|boarding|stepping|getting|up to my|snowed under|swamped|rushed|rushing|tied|slammed|flat out|elbow deep|knee deep|at work|at the|at my|in a meeting|in a (meeting|class|hurry|rush|lecture|car|taxi|cab|shop|store|queue|line|conference|call)|on a (call|train|bus|break|roof|ladder|flight|plane|boat|job|site|conference|deadline|walk|run)|on the (train|bus|road|other|phone|toilet|loo|tube|subway|motorway|highway|line)|with a|with my|on another|out (and|with|at)|late for|having|feeding|picking|dropping|collecting|queuing|queueing|parking|sleeping|asleep|bathing|teaching|dealing|up a ladder|in surgery|on shift|on duty|mid|halfway|just sitting|sitting down to|changing|putting the)|(have got|have|got) (my hands full|a (meeting|customer|client|lot on|queue|line|patient|train|plane|flight|bus|class|saucepan)|company|guests|people (here|over|round)|someone (with me|at the door|here)|to (go|run|dash|leave|hop|jump|get back to work|shoot|head)|something on the (stove|hob))|hands are (full|wet|tied)",
    ),
    (
        Later,
        "(can|could) not (really |)(talk|speak|chat|hear myself)( right now| now|)|(give|gimme) (me |)(an hour|ten|half an|a few minutes|five|twenty|a minute|till|until|a bit|a couple)|when (i|we) (get|am|are|finish|have) (home|back|off|done|finished|free|more time|out|a minute|a moment)|(ask|call|ring|try|check) (again |back |me again |)(in|next|after) *(week|month|year|spring|summer|autumn|fall|winter|christmas|new|quarter|hour|minutes)|(once|after) (i have|i am|we have|the kids|the baby|work|lunch|dinner|school|my shift|six|five|seven|eight|tea) *|(catch|ring|call|phone) me (later|another)",
    ),
    // Money.
    (
        Price,
        "(is that|is it|that is|each|how many) *(per person|per head|a head|each|per month|a month|a week|per week|per year|per session|a session|in total|all in|plus tax|including tax|plus vat)",
    ),
    (
        Price,
        "(sounds|seems|looks|bit|rather|very|awfully|that is) (dear|pricey|steep|expensive|costly|a lot|like a lot)|(any chance of|some|get) *(money off|off|discount)|(what|how much) (do|would|will|did) {iwe} owe*|strings attached|(stretch|run|go|push) to (that|it)|(on|living on) (a|my|the) (pension|benefits|fixed|state|budget|tight)*",
    ),
    (
        Price,
        "(what|how much) (is|are|would|will|does) *(going to|gonna|) (run|cost|set|charge) (me|us|you)*|(has|have|got|had|find|get|with) (the|that kind of|that sort of|that much|the sort of|this kind of) (money|cash|dough)|(pay|paying) (monthly|weekly|by|in|annually|yearly|over|later|cash|extra|upfront|for it|for that|for this|anything)|(senior|student|military|loyalty|veteran|group|family) (discount|rate|price|rates)|(still|actually|totally|really|genuinely|always) free|(knock|take) (something|anything|a bit|some|a few) off|(best|final|cheapest|lowest|bottom|asking|going) (price|deal|offer|rate|line)|price (tag|range|point|match)|(bit|little|touch|too) (much|steep|rich|dear)$|(beyond|out of|above) (me|us|my|our)* (pocket|means|reach|league|budget|range)|(money|cash|funds|budget|pension) *(tight|short|low|grow on|tree|stretch|limited)|(pinching|counting|saving) (pennies|every penny|my|our)|(tightening|cutting) (our|my|back)*|(cost of living|payday|mortgage|bills|in debt|overdraft|unemployed|laid off|out of work)|(extortion|extortionate|astronomical|exorbitant|ludicrous price|eye watering|overpriced|costs a bomb|bleed me|scandalous)|(afford|afford it|afford that|afford this)$|how (can|could|would|do) (i|we|anyone) afford*|(who|how) can afford*|for that (money|price|much|kind)|at that (price|rate|cost)",
    ),
    (
        Price,
        "(said|thought|told|supposed|advertised|meant) *(free|no charge|no cost)|who is (paying|footing|covering|going to pay|picking up)*|more than {iwe} (am |are |would |was |want to |can |could |)(pay|paying|spend|spending|paid|budgeted|earn|make|bargained)|how (much|expensive|dear|pricey)|what (is|are|does|do|would|will|kind of|sort of|about) * (cost|costs|price|prices|pricing|charge|charges|fee|fees|rate|rates|run|damage|interest|apr|deposit|premium|catch|commission|monthly|price tag)|set me back|(is|are|was) there (a |an |any |)(fee|charge|cost|catch|extra|hidden|deposit|fees|charges|costs|discount|joining|monthly|penalty|delivery|signup|payment plan)|(any|hidden|extra|additional) (fees|charges|costs|discount|discounts|deals|offers|strings)|(is|are|was|would) (it|this|that|they|the *) (really |actually |completely |totally |going to be |)(free|expensive|pricey|cheap|gratis|for free|refundable)|free of charge|for free$|^free$",
    ),
    (
        Price,
        "(do|will|would|must|does|did|am i) (i|we|it|that) (have to |need to |gotta |got to |going to |gonna |)(pay|be charged|cost|owe|be paying|put down)|(have|need|got|going|expected) to (pay|cough up|fork out|shell out)|(cost|charge|charging|costing|costs) (me|us|anything|extra|an|a fortune|too|so|that)|does it cost|do you (charge|do * (discounts|discount|deals|price|better)|offer * (discount|discounts|plan|refund|instalments|installments|deal)|price match|take (cards|card|cash|instalments|installments)|have * (offers|deals|discount|discounts|cheaper))|(discount|discounts|payment plan|instalments|installments|deposit|upfront|up front|interest rate|apr|direct debit|vat|refund)|(lower|better|best|cheaper|knock) * (price|rate|deal|off|quote)|price list|(price|cost|pricing|fee|rates)$",
    ),
    (
        Price,
        "too (expensive|dear|pricey|steep|rich|high|costly|much (money|for|to pay|cash|a month))|too much$|(bit|little|very|so|awfully|terribly|really|rather|pretty|quite|that is|way too|mighty) (expensive|pricey|steep|dear|costly|overpriced|much for|high)|daylight robbery|(rip|rip off|ripoff)|(can|could) not (really |quite |even |possibly |)(afford|stretch|justify the|spend that|pay that|spare the (money|cash)|swing|foot)|(do|have|am|did) not (have |got |have got |made of |exactly |made |really have |)(that kind of|the|that much|any|that sort of|enough|of|spare|a lot of) {money}|(no|not any|not enough|short of|low on|tight on) {money}|(out of|over|beyond|above|outside|way over|exceeds|not in|blows|bust) (my|our|the) (budget|price range|league|means|reach|price bracket|pocket)",
    ),
    (
        Price,
        "({money}|wallet|pension|purse|finances|times|things) (is|are|will not|does not|just will not|do not) (a bit |very |really |so |pretty |too |)(tight|short|low|stretch|hard|limited|allow|cover|what it was)|(broke|skint|strapped|hard up|short this month|out of pocket|fixed income|on a pension)|(quid|dollars|pounds|bucks|grand|pence|euros|a month|a year|a week|a pop|per month|per year) (are you|for|seriously|no way|is|you must|you are|really|is a|and you)|(arm and a leg|made of money|grow on trees|pretty penny|small fortune|pay packet|worth (that|the) (much|money|price))|cheaper (elsewhere|than|one|option|somewhere|online)|(more|lot) (than|of money) *(afford|pay|spend|can|worth|for)|(get|got|find|seen|found) (it|one|them|that|the same) (for |)(cheaper|less|half)|(price|cost|rate|fee) (is|seems|sounds|has|went) (too|a bit|very|way|gone|ridiculous|outrageous|insane|crazy|daft|steep|high|up)",
    ),
    // Not made up.
    (
        Wonder,
        "(could|can|might) go either way|sleep on it|(it |that |all |)depends|in two minds|of two minds|on the fence|not (really |quite |too |so |entirely |totally |completely |a hundred percent |100 percent |)(sure|certain|decided|made up my mind)|(need|have|want|would have|got|like|going|will have|would need|would like|would want|better) to (think|check|ask|talk|see|run it|consult|discuss|look at|speak to|look into|read|clear|mull|consider|chat)|let me (think|check|see|ask|sleep|talk|look|mull|consider|have a think|run|discuss|get back)|(we|i) will (see|get back|let you know|think|have a think|mull|consider|have to (see|think|check|ask|run))|(mull|ponder|weigh|chew) (it|this|that|on|over|up)|think (it|about|on|this) *(over|it|that|)|(maybe|perhaps|possibly|potentially|conceivably) (so|maybe|yes|no|i|we|not|$)|dunno|fifty fifty|toss up|who knows|hard to say|up in the air|(have|has) not (really |quite |fully |)(decided|made up|thought|figured)|(leave|ask) (it|that|me) *(with me)|bit of both|six of one|your guess|jury is (still |)out|could be|we shall see|undecided|torn|no idea|not up to me|ask my (wife|husband|boss|partner|mum|mom|dad)|(do|did) not know",
    ),
];
