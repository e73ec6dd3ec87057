//! English cues. Contractions are open here: "don't" is `do not`, "I'd" is `i would`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::text::Token;
use super::Sense::{self, *};

/// Ends that ask for nothing but consent.
pub(super) const TAGS: &[&str] = &[
    "okay",
    "all right",
    "alright",
    "right",
    "yeah",
    "you know",
    "would you",
    "will you",
    "please",
];

pub(super) const CLASSES: &[(&str, &str)] = &[
    (
        "me",
        "me|us|him|her|them|my wife|my husband|my son|my daughter|the kids|both of us|the two of us|us both|my name|the family|mum|mom|dad",
    ),
    (
        "it",
        "it|that|this|one|them|those|these|any|some|anything|another|yours|any of it|any of that|either|two|all of it|more",
    ),
    (
        "bei",
        "i am|we are|i would be|we would be|i am really|i am very|i am quite",
    ),
    ("iwe", "i|we"),
    (
        "adv",
        "really|honestly|actually|truly|just|still|definitely|certainly|particularly|exactly|even|quite|personally|currently|ever|necessarily|at all|also|so",
    ),
    (
        "want",
        "want|need|require|like|fancy|care|wish|use|see the point|have any use|have a use|have the use|plan|intend|feel like|own|do that sort|buy|believe in|bother|deal",
    ),
    (
        "bad",
        "dream of saying no|dream of missing|dream of refusing|turn|refuse|mind|object|pass it up|pass that up|pass up|complain|say no|decline|reject|resist|argue|fault|disagree|knock it|miss|hurt|regret|hesitate|stop you|dream of missing|have a problem|have a bad word|see why not|want to miss|stand in|begrudge|let it slip|walk away",
    ),
    (
        "nota",
        "opposed|against|averse|uninterested|unwilling|impossible|unreasonable|unhappy|bothered by|a bad|bad|an issue|a problem|a bother|in the way|too far|unlikely|uncomfortable|a crazy|a terrible|gonna say no|going to say no|going to refuse|going to argue|going to complain|going to turn|going to object|about to say no|too proud",
    ),
    (
        "wave",
        "wait|explain|ask|worry|rush|apologi|apologize|apologise|remind|confirm|think|hang up|shout|sell|convince|check|email|text|write|repeat|say|go|be sorry|hurry|tell|thank|mention|panic|persuade|beg|twist|spell|go over|go through|run through|bother checking|fret|read|talk|discuss|say any more|look it up|sugar|pitch|keep explaining|go on about",
    ),
    (
        "rush",
        "tomorrow|tonight|later|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|next month|this evening|this afternoon|in the morning|in the evening|the weekend|another day|another time|some other time|some other day|a different day|a different time|a better time|after|in a bit|in a while|in an hour|in half|in ten|in five|in twenty|in a few|in a couple|around|about|at|when i|when we|once i|once we|some time|evenings|mornings|afternoons|next time|first thing|another|a bit later|anytime after|any time after|this weekend|on my break|over lunch",
    ),
    (
        "ring",
        "call|ring|phone|try|catch|contact|reach|buzz|bell|get back to|speak|talk|chat|do this|continue|pick this up|finish|have this|check back|discuss|call back|ring back|get me|get hold",
    ),
    ("money", "money|cash|budget|funds|income|savings|means"),
];

pub(super) const CUES: &[(Sense, &str)] = &[
    (
        Yes,
        "(would|will) not be (right|fair|polite|wise|sensible|smart|nice|proper) (to|of me to) (say no|refuse|turn|decline|pass)*|{iwe} (still|do|really|definitely|absolutely|very much) (want|need|would like|fancy|love|like)( it| to| one| that|)|^(right|quite right) you are$|sure as eggs*|(can|do) not see (a|any|the|one) (down ?side|downside|drawback|catch|harm)|(no|zero|any) (downside|drawbacks)",
    ),
    (
        Void,
        "(do not|never|please do not) (cancel|delete|drop|lose|forget|stop) (it|that|my|the|us|me)( booking| slot| order| appointment|)|(said|say|saying) yes (last|before|until|to|the other|at first|yesterday|earlier)*|(was|had been) a yes*|take (it|this) (personally|the wrong way)",
    ),
    (
        No,
        "fat lot of good*|that will be the day|(have|has|had) changed (my|our) (mind|minds)|(second|third) thoughts|you are (all right|alright|okay|good) (thanks|thank|love|mate|ta)|^(nah|no|nope) (you are|that is|it is) (all right|alright|okay|good|fine)|{iwe} must (say no|decline|refuse|pass)|(we|i|are|will be) (are |will be |)away (that|then|for|on|next)*|(do|does|did|have) not (fancy|rate|trust|get on with) *",
    ),
    (
        AskedNo,
        "(does|do|has|have|would|did) (anyone|anybody|people|someone|somebody) (actually|really|ever|even|still|seriously)*|(have|has) not {iwe} (got |had |)(enough|better|suffered)*|^(and |so |oh |)(you|you people|you guys) (really |honestly |seriously |)(think|expect|reckon|believe) (i|we|that|me|anyone)*",
    ),
    (
        Later,
        "(mid|between|in between|halfway through) (meeting|meetings|lunch|dinner|shift|drive|call|calls|class|interview|a)*|(ping|text|message|email|whatsapp) me (at|in|after|later|when|tomorrow)*|give (it|me) (an hour|half|a few minutes|a few hours|ten|five|twenty|a couple of minutes|a couple of hours|a bit|a minute|until)*|{ring} again$|(at|in) (the |)(hospital|doctor|dentist|surgery|clinic|airport|office|gym)",
    ),
    (
        No,
        "(am|are|is|was) not (going|coming|attending|doing it|having it|buying|signing|taking|changing|moving|interested|for it|for sale|bothered|fussed|sold|convinced)( today| anywhere| now| in|)$",
    ),
    // — waved aside, or not needed
    (
        NoNeed,
        "(there is |)no need( for|)|never mind|do not bother|need not|not necessary|(do|does) not (need|have) (to|you)|(no|not any) (need|use|point|reason) (for|in|to)|forget (it|about it|the|about)",
    ),
    (
        AskedYes,
        "(would|could|will) not (have |be |)* if {iwe} (was|were|did|am|do|had|had not) not*|(is|are|was) not (a|any|one|anything|much|many) * that (do|does|would|will|is|can|are|could) not|(can|could|do) not (very well|exactly|really|in good conscience|possibly|rightly|well) (say no|refuse|object|argue)*",
    ),
    (
        Void,
        "you are not (going to|gonna) (give up|stop|let|take no|quit|leave|go away)*|need not (ask|tell|worry|explain|say|bother|wait|have)* (twice|again|me|it|)|(best of luck|good luck|all the best|take care|have a (good|nice|great|lovely) (one|day|evening|weekend))( with it| with that|)",
    ),
    (
        No,
        "(so|and|but|then) {iwe} (will|would|do|can) not (be |)*(switch|change|go|come|buy|need|want|bother|take|do|be|sign|move|continue)*|nothing (for you|today|to offer|thanks|thank you)|(too|bit|little) (big|small|much|far|old|young|late|complicated|risky|good) (for|to) (me|us|my|our|be true)|born (yesterday|last)|(sounds|seems|looks) (dodgy|fishy|suspicious|too good)",
    ),
    (
        Commit,
        "(put|send|run|push|pass|get|place|process|submit|enter) (my|the|our) * (through|on|over|in|up|order|booking)|all systems go|(get|getting) it over",
    ),
    (
        Price,
        "(sounds|seems|looks|bit|rather|very|awfully|that is) (dear|pricey|steep|expensive|costly|a lot|like a lot)|(any chance of|some|get) *(money off|off|discount)|(what|how much) (do|would|will|did) {iwe} owe*|strings attached|(stretch|run|go|push) to (that|it)|(on|living on) (a|my|the) (pension|benefits|fixed|state|budget|tight)*",
    ),
    // — told to go ahead
    (
        Commit,
        "(book|sign|put|pencil|enroll|enrol|register|count|schedule|add|slot|squeeze|fit|get|pop|stick|mark|throw|include) {me} (both |all |)(in|up|down|for|on|through|onto)",
    ),
    (
        Commit,
        "(book|reserve|schedule|order|save|hold|lock|confirm|enroll|enrol|register) (it|that|one|both|us|me|two|them|him|her|a slot|a place|the slot|a spot|a seat)( both| in| up| down|)",
    ),
    (
        Commit,
        "(go ahead|carry on|fire away|keep going|crack on|by all means|proceed|let us (do|go|book|get|have|hear|give|make|set|try|say|roll)|do it|set (it|that|me|us|one) up|sort (it|me|that|us)( out|)|make it happen|get on with it|let us go|sign me|hit me with|lay it on me)",
    ),
    (
        Commit,
        "(so|but|okay|actually|well|and|then) (yes|yeah|yep|aye|sure)( please| go| book| put|)|(put|send|run|push|ring|pass|patch) (it|this|that|the order|the booking|them|one|me) (through|on|over|in|across|forward|away)|{iwe} (will|can|could) (make|find|spare|squeeze|give you|manage) *(minutes|minute|time|exception|moment|sec|hour|it)|go$",
    ),
    (
        Commit,
        "^(go on|go for it|do it|do that|carry on|continue|book|fire away)|(please|yeah|yes|okay|sure|then|just) (go on|do|continue|carry on)$|go on$|go for it",
    ),
    (
        Commit,
        "{iwe} will (have|take|do|try|buy|get|accept|join|attend|sign|give it|come|go|be there|bite|go for|go with) *|(send|bring|ship|mail) (it|one|someone|him|them|her|your man|somebody|the guy|a guy|two) *|{iwe} (do |really do |)want (it|that|one|to|in|them|both)|i want in|(make|call) it (two|a deal|tuesday|monday|friday|thursday|wednesday|saturday|sunday)",
    ),
    (
        Commit,
        "(when|where) do i sign|where do i sign|how do i sign up|(come|pop) (round|over|on over|by) *",
    ),
    // — yes
    (
        Yes,
        "(do |please |just |)tell me more|(i am|we are|i am still|we are still|i am definitely|i am absolutely|i am totally) (all ears|listening|all yours|game|up for|on board|sold|keen|happy to|glad to|delighted|ready|interested|open to|willing|coming|attending|on for|good to go|good for)|(i am|we are|i am definitely|i am all|count me) (in|game|down|there|free|up|on|sold)$|{bei} (very |really |quite |rather |pretty |so |kind of |a bit |)(interested|keen|happy to|delighted|glad to|pleased)",
    ),
    (
        Yes,
        "{iwe} would (really |definitely |certainly |absolutely |actually |)(love|like|be glad|be happy|be delighted|appreciate|welcome|enjoy|be up for) (to|that|it|one|a|some|two|the|this)|(i|we) (could|can) (certainly |definitely |really |)(use|do with|do that|make it|make that|manage|fit|squeeze|live with|be there|spare)|(we|i) will be there|wild horses",
    ),
    (
        Yes,
        "(yes|yeah|yep|yup|aye|sure|okay|absolutely|definitely|certainly) (but |so |and |)(book|put|sign|send|go|do|come|please|let|why|that|it|i will|i would|i can|we can|we will|we would|sure|definitely|absolutely|of course|no problem|alright|all right|fine|then|okay|thanks|works|sounds)|(so|but|then|and|actually) (yes|yeah|sure|okay|absolutely|definitely|aye)|^(yes|yeah|yep|yup|sure|absolutely|definitely|certainly|of course)$|yes$",
    ),
    (
        Yes,
        "(that|it|which|this|tuesday|monday|thursday|friday|wednesday|saturday|sunday|tomorrow|anytime|any time|whenever|afternoon|morning|evening|time|day) (is|works|would be|will be|suits|will|would|should be|does) (fine|good|great|perfect|for me|me|us|lovely|ideal|okay|all right|alright|just fine|me fine|wonderful|do nicely|do|suit|work|a yes|a deal|grand|brilliant|music|spot on|the best|just what|exactly what|right up|about time)|works (for|with) (me|us)|suits me|fine (by|with) me|(okay|good|fine|cool|alright|all right) (by|with) (me|us)",
    ),
    (
        Yes,
        "(knock yourself out|you betcha|you bet|be my guest|say no more|music to my ears|right up (my|our) (alley|street)|you are on|game on|bring it on|too right|damn right|damn straight|hell yes|hell yeah|heck yes|no brainer|with bells on|for sure|goes without saying|sure thing|okey dokey|without (a doubt|question|hesitation)|you had me at|you read my mind|just what (i|we)|exactly what (i|we)|about time|thought you would never ask|ready when you are|twist my arm|over the moon|a hundred percent|one hundred percent|hundred per cent|nothing would (please|make)|my pleasure|amen to|consider it done|consider me|no time like|as good a time as any|now is (as |)(good|fine|okay|perfect)|it is a date|wouldn't have it|dream come|heart's|what the heck|what the hell|why the hell not|it is a yes|that is a yes|can do|will do)",
    ),
    (
        Yes,
        "^(deal|done|sold|rather|absolutely|agreed|perfect|lovely|marvellous|excellent|splendid|wonderful|brilliant|smashing|grand|cool|count on it|too good to miss)$",
    ),
    (
        Yes,
        "{iwe} would be (an idiot|a fool|daft|mad|crazy|silly|stupid|foolish|nuts|insane|bonkers|remiss|out of my mind) (not|to say no|to turn|to refuse|to pass|to miss)|(be|is|seems) (rude|silly|daft|crazy|mad|foolish) not to|i am not (gonna|going to) (say no|argue|turn|refuse|complain|object)",
    ),
    // — yes, grudgingly
    (
        Yes,
        "if (you must|i must|we must|you insist|you say so|it makes you|it gets you|it shuts|i have to|that is what it takes|you like|you really want|it helps)|(oh |ah |okay |alright |all right |fine |yeah |)go on then|go on$|(fine|okay|alright|all right) (then|fine|okay|whatever|you win|if|just|i will|let us|put|book|do|go)|^(oh |ugh |)(fine|very well|alright|all right|okay)$|(make|keep) it (quick|short|brief|snappy)|be (quick|brief)|you win|(worn|wore|talked|twisted|convinced|persuaded|sold|got) (me|my arm)( down| into| out| round| around|)|(might|may) as well|have it your way|against my better|just this once|do worse|it will (have to |)do|(suppose|guess|reckon|imagine|expect) (so|i could|we could|i can|we can|i will|that is|that would|that will|it is|it could|it would|it can|yes|there is no harm|why not|i might|we might|you can|you could|i should|we should)|^(yeah |yes |well |)i (suppose|guess)$|(seeing|since|given) (as |that |)(it is|you)|(what is there|nothing|what have i got|what have we got|not much|what do i have|what do we have|got nothing) to lose|{iwe} will live|that will do|no skin off|beats (sitting|doing|staying)|(it |that |)(can|could|would|will) not (hurt|kill me)|no harm in|where is the harm|what is the harm|stop going on|if only to|let us get it over|why fight it|(give|get) it a (go|try|shot|whirl)",
    ),
    // — yes by two negations
    (
        Yes,
        "(never|rarely|seldom|hardly ever|not one to|not the type to|not going to|never been one to|never one to) (ever |)(say|says|saying|turn|refuse|turned|pass) (no|down|one down|it down|anything down|up)( to|)|(can|could|do) not (see|find|think of|spot) (anything|a thing|any|a|much|one) (wrong|problem|reason not|issue|objection|downside|harm|fault|catch)*|nothing (wrong|bad) (with|about)",
    ),
    (
        Yes,
        "(would|will|could|can|do|did|have|should|dare|would never|could never|would hardly|never|cannot) not (really |possibly |exactly |ever |even |at all |)(ever |)({bad}|be happier|be better|agree more|wait|go wrong|say fairer|ask for)( it| that| to| this|)( down| up| away|)",
    ),
    (
        Yes,
        "(not|never) (really |at all |exactly |entirely |in any way |)({nota})|(no|not any|without any|not a single|zero|have no|got no) (objection|objections|complaints|complaint|problem|problems|reservations|qualms|issue|issues|hesitation|quarrel|argument|arguments|doubt|worries there|reason (not|to refuse|to say no|to object|i would not|i could not|i can not|we could not|we would not|why i|we can not|why not))|(nothing|not anything) (against|to lose|stopping (me|us)|wrong with (it|that)|to stop|on my|in my diary|planned|better to do|would please|i would like more|to object)|there is no (reason|way) {iwe} (could|would|can|will|should|am|are) not|(hard|difficult|impossible|tough) to (say no|refuse|resist|turn|pass|argue)|(can|could) hardly (refuse|say no|object|complain|argue)|who am i to (refuse|say no|argue)",
    ),
    (
        Yes,
        "(not|nothing|never) (really |)(busy|doing (anything|much|owt)|interrupting|disturbing|bothering|a bad time|a problem|any trouble|trouble)|no (bother|trouble|problem|worries|problem at all)|(can|could) not complain|not bad( at all|)|(do|does) not sound (bad|half bad|too bad|unreasonable)|not (half|too shabby|a bad)",
    ),
    (
        Hedge,
        "(never|did not|have not|am not|are not|is not|not|can not|could not|would not|nobody|no one|who) (really |ever |exactly |actually |)(said|say|saying|saying that|say that|said that|claim|claimed|pretend|refusing|turning|deny|gonna say) (that |)(no|{iwe} (am|was|would|do|did|will|could|were|are|have) not|not|it is not|never|you down|{iwe} (refuse|refused|object|mind|hate|dislike))( interested| tempted| want| need| like| come| curious| keen| going| sure|)( it| that| to| one|)",
    ),
    (
        Undone,
        "(not (that|like|because)|does not mean|is not (that|like|because)) (i|we) (am|was|would|do|did|will|could|were|are|have|have got) (not|against|opposed|too)( interested| tempted| want| need| like| come| curious| keen| going| sure| love| appreciate| trust| care|)( it| that| to| one|)",
    ),
    (
        Hedge,
        "(would|do|did|does) not (hate|dislike)|not without (interest|appeal|its)|(would|is|could) not (be |)the worst",
    ),
    (
        LeanYes,
        "{bei} tempted|i do like|(sounds|looks|seems) (very |really |pretty |quite |so |absolutely |)(good|great|fine|okay|interesting|perfect|nice|lovely|reasonable|fair|tempting|wonderful|amazing|fantastic|brilliant|like a plan|like a|all right|decent|ideal|alright)|(it|that|this) is (very |really |quite |so |)(tempting|nice|great|lovely|kind|a (great|good|nice|lovely|generous|fair|tempting|decent) (offer|deal|idea|price|thought|product|service|program|course))|(price|deal|offer|terms) (is|are|sounds|seems) (very |pretty |quite |really |)(fair|reasonable|good|fine|great|okay|alright|right)|good price|great (offer|deal|idea)|(do|would) not mind",
    ),
    // — yes by a question
    (
        AskedYes,
        "who (on earth |in * |with half a brain |in the world |)(would|could|does|can|will|is going to) (not|say no|refuse|turn|pass|resist|object|ever say no|argue|complain|mind|possibly)*|who is (not going|gonna say no)",
    ),
    (
        AskedYes,
        "what (have|do) (i|we) (got |have |)to lose|what is (there|left) to (lose|think|discuss|decide)|where is the harm|what the (heck|hell)$|what could (possibly |)go wrong|what would be (better|nicer)|(what|where) (more|else) could (i|you|we)*|how (can|could) (i|we|anyone) (not|pass|turn|resist)",
    ),
    (
        AskedYes,
        "what is not to (like|love)|why (on earth |the hell |in the world |ever |)(would|should|wouldn't|shouldn't) ({iwe} |anyone |anybody |)(not|say no|refuse|turn|pass|object|mind|complain)|why (ever |the hell |the heck |)not|(how|when) (could|can|would|did|have|do) ({iwe}|anyone|anybody) (ever |possibly |)(not|say no|said no|refuse|refused|resist|turn|turned|pass|argue|object|complain)|(what|where) is (there to lose|the harm|stopping|to stop|to dislike|to complain)|is the pope|does a bear|do (bears|ducks|fish)|is water wet|is the sky blue|do i ever (say no|refuse)|(would|did|do) i (ever |)(say no|said no|turn)|what (kind of|sort of|idiot|fool|person) * (would|could|turns|says|passes|refuses|can|will)*(not|no|say no|refuse|pass|turn|up|down|that)|need you (even |)ask|do you (even |really |)(need|have) to ask|are you kidding (of course|yes|i would)|have i ever (said no|turned|refused)|(can|could) i (possibly |)(say no|refuse)|would i (ever |)(not|miss|turn|refuse)|(is not|was not) (that|it) (obvious|what i said)|did not i (already |)say (yes|i would)|what took you so long|how soon can",
    ),
    // — no
    (
        No,
        "^(no|nope|nah) (thanks|thank you|ta|sorry|not|i (do|am|would|can|will|have) not|we (do|are|would|can|will|have) not|we are (good|fine|okay|all)|i am (good|fine|okay|all)|siree|chance|way|sir|mate|love|dear|it is not|that is not)|(but|so|and|however) (no|nope|nah|not for|not today|not this|not now|not interested|we are (good|fine|okay|all)|i am (good|fine|okay|all|out))|(but|it is|that is|still|a|be a|just|final|firm|hard|polite|simple|afraid|i said|my answer is|answer is|said) no$|no (thank you|thanks)|(no|nope|nah)$",
    ),
    (
        No,
        "(do|does|did|will|would|have) not ({adv} |){want} (to |for |of |)({it}|your|a|an|my|the|anything|to|any|all|anyone|nothing|much)|(do|does|did|will|would) not ({adv} |)(want|need|care|require)$|(no|not any|zero|never|little|not much|not a lot of|not got any|not got the) ({adv} |)(interest|desire|intention|need|use|plans|appetite|wish|inclination|call|requirement|want|demand)( for| in| to| of|)",
    ),
    (
        No,
        "(not|never|hardly|scarcely|neither|nor|far from|no longer|less than|anything but) ({adv} |very |that |too |all that |in the slightest |in the least |remotely |a bit |even |at all |so |even remotely |overly |)(interested|keen|bothered|fussed|looking|planning|buying|shopping|in the market|after|tempted|convinced|sold|thrilled|inclined|wanting|needed|required|necessary|signing|taking|doing|having|going to (happen|do|buy|be|work|sign|bite|need)|gonna (happen|do|buy|be|work|sign|bite|need)|on the cards|something|anything|up for|about to buy|about to sign|about to switch|switching|changing|moving|getting|giving|joining|coming|attending|home owners|the right fit|a good fit|a fit|suitable|eligible|relevant)",
    ),
    (
        No,
        "(not|nothing) (really |just |quite |)(for (me|us|my family|this house|people like)|today|this (year|time|month)|at this (time|stage)|on your life|in a million|in this lifetime|over my|if you paid|likely|a chance|a hope|a fat chance|a prayer|happening|doing|ever|our scene|our thing|having it|on my watch)|(over my dead body|no dice|no chance|fat chance|no way|no can do|no deal|no go|no sale|nothing doing|count (me|us) out|hard pass|pigs might|dream on|in your dreams|as if|pull the other|forget (it|about it)|save (your|it)|barking up|jog on|jose|that ship has|been there done|i think not|do not think so|believe not|would sooner|would rather (not|eat|watch|die|stick|gouge|have|be|stay|keep|spend|do|chew|poke)|snowball|get knotted|on your bike|don't make me laugh|not a sausage|no siree|leave (it|that) (out|there|be|for|at)|talk to the hand|nice try|good luck with that|chance would be|you must be (joking|kidding|mad|crazy|having|off)|you have got to be|you are (joking|having a laugh|dreaming|kidding)|no thanks|thanks but no|that is a (no|hard|firm)|it is a (no|hard|firm)|out of the question)",
    ),
    (
        No,
        "{iwe} (will|would|shall|think i will|am going to|think we will|am gonna|are going to|have to|will have to|am going to have to|would have to|must|may|might|have decided to|should) (just |probably |regretfully |respectfully |politely |have to |probably have to |)(pass|decline|skip|leave it|sit this|give it a miss|give this|stay where|stay with|stay put|stick|keep what|keep the|keep my|keep our|say no|refuse|turn it|turn you|turn this|bow out|opt out of this|let it go|hold off|not be|not bother|take a pass|take a rain)( on| to| with| out| at| that|)|(will|i am|we are) (pass|passing|declining)|(have to|must|going to|would like to|want to|need to) (decline|pass|say no|refuse)|leave it( there| at that|)$|give (it|this|that) a miss|(decided|chosen|opted|agreed) (not to|against|to stay|to stick|to keep|to go with)",
    ),
    (
        No,
        "{bei} (all |perfectly |quite |very |more than |really |just |doing |pretty |already |completely |)(fine|good|okay|all right|alright|set|sorted|covered|happy|content|satisfied|suited|comfortable|well looked after|spoken for|all set)( with| where| as| here| for| thanks| thank| though| without| at|)|{bei} (not able|unable|afraid (not|i)|retired|sticking|staying|happy with|with someone|out)|all (set|sorted|good) (here|thanks|thank|at|for)|(sticking|staying|stick|stay) (with|where|put)|(happy|content|fine|satisfied|comfortable) (with (what|our|my|the|who|it)|where|as (i|we))",
    ),
    (
        No,
        "(so|but|and|sorry|then|afraid|however) {iwe} (will|can|would|do|could|shall) not$|(just|recently|already|only|we|i) had (it|that|one|them|ours|the *) (done|replaced|fixed|serviced|fitted|installed|changed|redone|renewed)|(just|recently|only just) (bought|done|signed|renewed|switched|replaced|changed) *|(just|recently|only just) (got|had|finished) (one|a new|new|it|ours|mine|ourselves|the same|rid|my own|something|doing|paying|fitting|redoing)*|(already|recently|just|actually|currently) (have|got|had|did|done|bought|use|using|signed|switched|went|gone|made|found|hired|sorted|booked|renewed|replaced|fixed|own|with|chosen|taken|taking|covered|do|paid|been|being|committed)|(have|got|have got|found|use|hired) (someone|somebody|one|a guy|a fella|a chap|a company|people|two|our own|my own|a man|it|that|a contractor|a provider|our regular) (already|sorted|who|for that|covered|that does|doing|lined)|(went|gone|going|go|signed up|booked) with (someone|another|a different|somebody|your)|(i|we) (have |)(fixed|sold|cancelled|canceled|bought|replaced|did|finished|sorted|moved) (it|one|that|out|already|last)",
    ),
    (
        No,
        "(but|so|sorry|afraid|really|however) ({iwe}) (just |really |simply |)(can|could) not( |$)|{iwe} (can|could|will) not (make|come|attend|do it|do that|accept|commit|take|join|use|go|help|be able|really|justify|see (myself|us|it|that)|participate|be doing|be needing|be taking|be buying|be there|manage|say yes|agree|be coming)|(have not|do not have|have no|have got no|have not got|not enough|without|there is no|no) (really |)(got |)(the |any |enough |much |)(room|space|use|need|energy|patience|interest|appetite|garden|car|house|kitchen|kids|children|pets|point|reason to|call for|head space)|(does|will|would|is|do) not (really |quite |)(work|suit|help|apply|appeal|interest|fit|gonna work|going to work|do it|do anything|make sense|sit right)( for| me| us| to|)",
    ),
    (
        No,
        "(do not|please do not|never|would rather you did not|rather you did not|not to|do not you dare|without) (you |ever |just |even |)(book|put|sign|send|schedule|enroll|enrol|register|add|order|charge|reserve|bother|come|waste|count me) *|(cancel|scrap|scratch|drop) (it|that|the|my)|take (me|my name) off (it|that|the booking)|(no need|not necessary|no point|not any point|no reason|pointless|not much point|no use|no earthly use|useless|waste of) *(to (send|book|come|put|sign|set|visit|schedule|come out|pay|sell me)|for|in|$)",
    ),
    (
        LeanNo,
        "not (really |quite |exactly |particularly |)(my (thing|cup|bag|scene|style|department|kind|idea)|what (i|we)|a (big |huge |)fan|a priority|ideal|great|convinced|crazy about|mad about|fond|big on|one for|a good|the best|the right)|not really|not (so|as) (keen|sure about)|(sadly|unfortunately|regrettably|alas|afraid|pity|shame)|(not|never) (been |)(one for|much of)|(thanks|thank you) (for (the|your|calling|ringing|thinking)|anyway|all the same)|(i|we) appreciate (the|your|it|you)|(very|so|too|that is|really) (kind|nice|sweet|good|thoughtful|generous) of you|do not (really |)(do|go in for|trust|believe|see)|(good luck|have a (nice|good|lovely|great) (day|one|evening|afternoon))|other (plans|commitments)|too (old|late|busy|far|much hassle|much trouble)",
    ),
    // — no by a question
    (
        AskedNo,
        "why (on earth |the hell |the heck |in the world |in god's name |ever |)(would|should|do|did|does|must) ({iwe} |anyone |anybody |a person |you think (i|we) *|he |she |)(ever |possibly |even |)(need|want|do|care|be interested|bother|pay|buy|switch|change|trust|believe|have|spend|waste|give|use|sign|come|go|think|fancy|like|let)*",
    ),
    (
        AskedNo,
        "who (on earth |the hell |in the world |even |still |really |honestly |)(has (the |)(time|energy|patience|room)|has time|needs|wants|asked|would (want|need|buy|do|ever|pay|bother|fall|use|be interested)|cares|uses|buys|do you think|said|told you|says|in their right mind would (want|pay|buy|do|sign))*|what (would|will|am|do|does|could) ({iwe}|anyone|a person|someone) (possibly |ever |going to |gonna |even |)(do|want|need|use|supposed to do) (with|it for|that for|for|this for|one|another|a|that|to do)*|what (good|use|earthly use|possible use) (is|would|will|are|have)*|what is the (point|use)|(how|where) would (i|we) (even |)(put|find the time|fit|use|store)*",
    ),
    (
        AskedNo,
        "when (hell|pigs|cows|i am dead|the cows|donkeys)|why (bother|fix|mess|change|pay|spend|risk|waste|buy|swap|replace|rock|start|add|use|have|take|go|put|switch|throw|give|get|complicate|ruin|upset|on earth)|(when|where|how|what|who) (would|will|am|do|could|the hell would) {iwe} (ever |even |possibly |still |)(use|need|want|find|wear|have|get|put|fit|go|watch|read|do with)*|^(like|as if|yeah like|because|cause) (i|we) (need|want|have|care|would|do not have|have not)*|(where|who) (does|do) (he|she|it|anyone|people|one) (find|get|have) the (time|energy)|what am i going to|what use would|(and|so) (then |)what (would|will) *do with",
    ),
    (
        AskedNo,
        "(do|does|did) ({iwe}|it|this|my) (look|sound|seem|strike) (to you |)like *|what is wrong with (the one|what|my|our|the)|what makes you think*|since when (do|did|have|am|is) *|(do|did|are|have|can) you (people |lot |guys |really |honestly |seriously |actually |)(think|expect|believe|imagine|suppose|not listen|not take|even listen|serious|kidding|joking|mad|having|deaf|hear yourself|never take) *|(what|which) part of (no|not)|how many times *|how often *(have i|do i|must i)|(is not|are not|was not) (that|it|one|two|once|the first) (enough|obvious|no)*|(who|what) do you (take|think) (me|i)*|was i born|did i (ask|say i wanted|request)|(have|do) i (look|got|asked|ever asked)*(stupid|mug written|idiot|for this|for that)|(born yesterday|came down in the last|pull my leg)|where would i get the (time|energy)|could i (care less|be any less)",
    ),
    // — neither
    (
        Void,
        "(no need|do not need|you do not (need|have)|do not have|do not|no reason|needless|not necessary|never mind|skip|forget|stop|enough of|not to|do not you|there is no need|no point|hold off) (to |for you to |)(the |about the |with the |you |all the |all this |){wave}*(on my account|about (it|that|the *)|)|(never mind|forget|skip|spare me|cut|drop|leave out|leave aside|enough with) (about |)(the|your|all the|all that) (brochure|details|small print|fine print|spiel|chat|pitch|sales pitch|waffle|pleasantries|paperwork|small talk|explanation|speech|script|email|letter|leaflet|chit chat|rest|preamble|introduction|formalities|blurb|terms|patter)",
    ),
    (
        Void,
        "(do not|please do not|no do not) (hang up|go|worry|leave|rush|apologi|apologise|apologize|be sorry|be silly|panic|mind me|sweat|get me wrong|stress)|not to worry|no (worries|rush|hurry|pressure)|(did|have) not (wake|disturb|interrupt|bother|wake me|missed|caught me)*|you are (fine|okay|all right|alright|not (bothering|disturbing|interrupting|keeping))( me| us| anything|)|not that it matters|no matter|no kidding|no joke|no lie|not gonna lie|not going to lie|why did you not (say|call|ring)*|can not believe|not to be rude|not only|not just|no wonder|no offence|no offense|nothing personal|i was (going to|gonna|about to) say (no|yes)|you (do|did) not (say|have to)|if not",
    ),
    (
        Hedge,
        "yes and no|no and yes|yes but no|no but yes|yeah but no|no but yeah",
    ),
    // Others decide.
    (
        No,
        "(wife|husband|partner|son|daughter|boss|mum|mom|mother|dad|father|landlord|missus|hubby|other half|family|kids|doctor|he|she|they|better half|company|spouse) (will|would|does|do|did|is|says|said|has|already|just) (not (let|allow|want|like|approve|agree|need|have it|keen|interested|hear|be)|no|we do not|we have|he does not|she does not|against|would kill|would never|never)*|(not allowed|forbidden|not permitted|not my (decision|call) and)",
    ),
    (
        AskedNo,
        "what (would|could|on earth would|in the world would) (possess|make|persuade|convince|induce) (me|us)*|(when|where) (have|did|do) {iwe} ever (need|needed|want|wanted|ask|asked|use|used)*|what (part of|about) (no|not interested)*|why (do|can) you not (get|understand|listen|take)*|(how|in what) (on earth |)(is|would) (that|this|it) (help|useful|any of|my|supposed)*|(and|so) why (should|would)*|(am|are) {iwe} (made of|supposed to care)*",
    ),
    (
        No,
        "like turkeys|(barge pole|ten foot pole|bargepole)|all the tea in china|for love nor money|not for (love|anything|a million|all)*|would not (touch|be seen dead|be caught dead|give you|have it if|take it if|want it if|use it if|if you)*|(you are|you have been) (flogging|wasting|barking|talking to the wrong)*|(wasting your|waste of) (time|breath)|(sit|sitting) (this|that|it) (one |)out|(made|have|got) other (arrangements|plans|commitments|ideas|priorities)|(not|hardly) (my|our) (idea|problem|job|concern)*|(fell|fall) for that|(rather|sooner) (watch|poke|stick|have teeth|eat|walk|sleep|die|spend)*|(leave|count|deal|include) (me|us) out|thanks but|kind offer but|(get|getting) rid of|(had|have had) (my|our) fill|no thank|(been|got) burned|once bitten|(washed|wash) my hands|(cold|hell) day in|not with (my|your) |(zero|no) (chance|interest|point|appeal|desire)|(done|finished) with (that|all|this)|(do|does) nothing for (me|us)|not (worth|the) (it|the (hassle|bother|trouble|effort|time))|more trouble than|(no|not any) use (to|for) (me|us)|(past|beyond) (that|all that|it)|too (old|far|late|long in the) *(for (that|this|it|me|us)|)$|(say|saying|said) (it is |)(a )no from",
    ),
    (
        Yes,
        "(live|work) with that|(give|gave) my (right|left|eye)*|(hell|heck) yeah|what the (hell|heck) (let|why|go|okay|sure|yes|sign|put|book)*|(nothing|not a thing|no place) {iwe} would (like|love|enjoy|rather)*|(can|could|do) not (imagine|see|think of|know|understand) * (would|should|could|why) not|(of course|course|sure|certainly|naturally) (i|we) (am|are|do|will|would|want|can|could|might)|(talked|twisted|persuaded|wore) (me|my)*|(i am|we are) (sold|convinced|persuaded|all over it|yours)|(made|make) my (day|week|year)|(just|exactly|precisely) (the thing|the ticket|what i|what we|right|my kind)*|(where|what) (have you been|took you)*|(best|greatest) (news|idea|thing|offer)*|count (me|us) (as |)(a yes|in|interested)|(you have|you got) (me|yourself a deal|a deal|my vote|my attention|my yes|a customer)|(consider|call) (it|me) (done|a deal|booked|sold|convinced|interested)|you (can|may) (put|sign|book|count|send|do|go)|(i have|i have got) (always|been) (wanted|meaning|looking|hoping|waiting|dying)*|(been|was) (hoping|waiting|looking|meaning|dying|wanting) *|(first in line|front of the queue|on my way|see you (then|there|tuesday|on)|looking forward|all for it|right behind|nod|thumbs up|green light|rain or shine|with pleasure|with knobs on|by all accounts|dead keen|chuffed|buzzing|ace|spot on|right then|righto|righty|rightio|okie|roger|ten four|aye aye|ay|affirmative|for certain|no question|i am your man|hundred|yessir|yes sir|yes indeed|indeed|most definitely|most certainly|too true)",
    ),
    (
        Yes,
        "if (it is|you are) (not|no|quick|free|really|sure|not too) *(yes|then|sure|okay|put|book|go|why not)|(fine|okay|alright|all right|sure|go on) (i will|i guess|i suppose|if|since|you have|just|but|let us|we can|we will|put|whatever|then)|(can|will) (give|spare) (you |)(a|five|two|ten|one|a few|a couple)*|for (the sake|an easy life|old times|a quiet life|peace)*|to (shut|get you|keep the peace|be polite)*|(wore|beaten|broke|wear) (me|you) down|(resistance is|why fight)|(got|have) (me|us) (there|convinced|over a barrel)|(suppose|guess) (i|we|it|that|you|there|so)*|(no harm|not the end|could be worse|not fussed either way but)*(trying|of the world|yes|fine|okay)|(just to|only to) (please|humour)*|(would|will) (make do|have to do)|(there is )*no getting out of it|needs must|(oh |)alright alright|fine fine|okay okay|yes yes|yeah yeah (okay|fine|sure|go)",
    ),
    (
        Price,
        "(quid|dollars|pounds|bucks|grand|euros)|(what|how much) (is|are|would|will|does) *(going to|gonna|) (run|cost|set|charge) (me|us|you)*|(has|have|got|had|find|get|with) (the|that kind of|that sort of|that much|the sort of|this kind of) (money|cash|dough)|(pay|paying) (monthly|weekly|by|in|annually|yearly|over|later|cash|extra|upfront|for it|for that|for this|anything)|(senior|student|military|loyalty|veteran|group|family) (discount|rate|price|rates)|(still|actually|totally|really|genuinely|always) free|(knock|take) (something|anything|a bit|some|a few) off|(best|final|cheapest|lowest|bottom|asking|going) (price|deal|offer|rate|line)|price (tag|range|point|match)|(pounds|dollars|quid|bucks|grand|hundred|thousand|fifty|forty|sixty|eighty|ninety|twenty|thirty)$|(bit|little|touch|too) (much|steep|rich|dear)$|(beyond|out of|above) (me|us|my|our)* (pocket|means|reach|league|budget|range)|(money|cash|funds|budget|pension) *(tight|short|low|grow on|tree|stretch|limited)|(pinching|counting|saving) (pennies|every penny|my|our)|(tightening|cutting) (our|my|back)*|(cost of living|payday|mortgage|bills|in debt|overdraft|unemployed|laid off|out of work)|(extortion|extortionate|astronomical|exorbitant|ludicrous price|eye watering|overpriced|costs a bomb|bleed me|scandalous)|(afford|afford it|afford that|afford this)$|how (can|could|would|do) (i|we|anyone) afford*|(who|how) can afford*|for that (money|price|much|kind)|at that (price|rate|cost)",
    ),
    (
        Later,
        "(in|at|on) (the|a|my) (bath|shower|funeral|toilet|loo|gym|doctor|doctors|dentist|dentists|library|cinema|theatre|theater|church|shop|shops|supermarket|checkout|garage|car|train|bus|tube|hospital|school|office|pub|airport|station|vet|vets|salon|hairdresser|hairdressers|middle|phone|other line|road|motorway|ladder|roof|garden)|(is not|was not) (ideal|great|the time|a good time|convenient|the best)|(now|today|this) is not (ideal|great|a good|convenient|the best|really)*|(call|ring|phone|try|catch) (me |)(in|on|at|after|before|around|by) *|(got|have) (my |)(hands|a pan|a baby|the kettle|dinner|tea|food|something) (full|on|in|over)*|(up to my|elbow|knee|neck)*(eyes|eyeballs|deep|in work|in it)|(running|run) (late|out the door|for)|(kids|baby|dog|boss|train|bus|taxi|meeting|lunch|dinner) (is|are) (just |about to |)(calling|crying|screaming|here|leaving|starting|asleep|ready|arriving|coming|waiting|burning|kicking off)*|(rain check|raincheck)|(revisit|circle back|touch base|reconnect|follow up) *|(in|after|until|till) (march|april|may|june|july|august|september|october|november|december|january|february|spring|summer|autumn|winter|easter|christmas|the new year|payday|half term|the holidays)$",
    ),
    (
        Void,
        "^no (hold on|wait|hang on|actually|sorry|i mean|listen|oh|but)|(hold on|hang on|wait)$",
    ),
    (
        Later,
        "(i am|we are|bit|too|really|pretty|very|so|rather|quite|kind of|super|currently|all) busy|^busy|(have not|do not have|have no|no) (got |)(the |any |)time$",
    ),
    (
        No,
        "(could|can) (not |)care less|(never|did not) (say|said) (that |){iwe} (was|am|were|are|wanted|want|needed|need|would) (interested|it|that|to|anything|one|this|in|keen|like|a)*",
    ),
    (
        Yes,
        "(will|would|that will|might|thursday will|it will) (just |)have to do|have to do$|i do remember|(oh|yes|ah) (i |)remember",
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
        But,
        "but|however|although|though|only thing is|then again|on second thought|on second thoughts|actually|come to think|still|mind you|unfortunately|sadly|just that|except|on reflection|that said|having said that|thinking about it|wait|so yes|so no|yet",
    ),
    // — another time
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
    (
        Yes,
        "now is (as |a |)(good|fine|perfect|great|okay|ideal)( a|)( time|)( as any|)|(have|got|can spare|have got) (a|a few|five|ten|two|plenty of|some|all the|all) (minute|minutes|moment|second|sec|time|day|free)|no time like the present|caught me at a good",
    ),
    // — money
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
    (
        Void,
        "(price|money|cost) (is|are) (not a|no|not the|not an) (problem|issue|object|concern)|money no object|not about the (price|money|cost)",
    ),
    // — not made up
    (
        Wonder,
        "(could|can|might) go either way|sleep on it|(it |that |all |)depends|in two minds|of two minds|on the fence|not (really |quite |too |so |entirely |totally |completely |a hundred percent |100 percent |)(sure|certain|decided|made up my mind)|(need|have|want|would have|got|like|going|will have|would need|would like|would want|better) to (think|check|ask|talk|see|run it|consult|discuss|look at|speak to|look into|read|clear|mull|consider|chat)|let me (think|check|see|ask|sleep|talk|look|mull|consider|have a think|run|discuss|get back)|(we|i) will (see|get back|let you know|think|have a think|mull|consider|have to (see|think|check|ask|run))|(mull|ponder|weigh|chew) (it|this|that|on|over|up)|think (it|about|on|this) *(over|it|that|)|(maybe|perhaps|possibly|potentially|conceivably) (so|maybe|yes|no|i|we|not|$)|dunno|fifty fifty|toss up|who knows|hard to say|up in the air|(have|has) not (really |quite |fully |)(decided|made up|thought|figured)|(leave|ask) (it|that|me) *(with me)|bit of both|six of one|your guess|jury is (still |)out|could be|we shall see|undecided|torn|no idea|not up to me|ask my (wife|husband|boss|partner|mum|mom|dad)|(do|did) not know",
    ),
];

/// Whether the words are in the order of a question that wants an answer.
pub(super) fn opens_question(tokens: &[Token]) -> bool {
    const AUX: &[&str] = &[
        "do", "does", "did", "is", "are", "am", "was", "were", "can", "could", "will", "would",
        "should", "shall", "have", "has", "may",
    ];
    const WH: &[&str] = &[
        "what", "how", "where", "when", "who", "why", "which", "whose",
    ];
    const SUBJECT: &[&str] = &[
        "i", "you", "we", "they", "he", "she", "it", "this", "that", "there", "the", "your", "my",
        "anyone", "someone", "any",
    ];
    let form = |i: usize| tokens.get(i).map_or("", |t| t.form.as_str());
    const LEAD: &[&str] = &[
        "so", "and", "well", "oh", "um", "uh", "okay", "but", "hang", "on", "wait", "sorry", "hey",
        "hmm", "yeah", "yes",
    ];
    let at = (0..tokens.len())
        .find(|&i| !LEAD.contains(&form(i)))
        .unwrap_or(0);
    WH.contains(&form(at))
        || (AUX.contains(&form(at))
            && (SUBJECT.contains(&form(at + 1))
                || (form(at + 1) == "not" && SUBJECT.contains(&form(at + 2)))))
}
