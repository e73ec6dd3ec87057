//! English. Cues that say yes, or leave a yes open.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::Sense::{self, *};

pub(in super::super) const CUES: &[(Sense, &str)] = &[
    // Told to go ahead.
    (
        Commit,
        "(put|send|run|push|pass|get|place|process|submit|enter) (my|the|our) * (through|on|over|in|up|order|booking)|all systems go|(get|getting) it over",
    ),
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
    // Plain, grudging and idiomatic consent; two negations that make a yes.
    (
        Yes,
        "done deal|(it is|that is) (settled|sorted then|agreed|a bargain)",
    ),
    (
        Yes,
        "(would|will) not be (right|fair|polite|wise|sensible|smart|nice|proper) (to|of me to) (say no|refuse|turn|decline|pass)*|{iwe} (still|do|really|definitely|absolutely|very much) (want|need|would like|fancy|love|like)( it| to| one| that|)|^(right|quite right) you are$|sure as eggs*|(can|do) not see (a|any|the|one) (down ?side|downside|drawback|catch|harm)|(no|zero|any) (downside|drawbacks)",
    ),
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
    (
        Yes,
        "if (you must|i must|we must|you insist|you say so|it makes you|it gets you|it shuts|i have to|that is what it takes|you like|you really want|it helps)|(oh |ah |okay |alright |all right |fine |yeah |)go on then|go on$|(fine|okay|alright|all right) (then|fine|okay|whatever|you win|if|just|i will|let us|put|book|do|go)|^(oh |ugh |)(fine|very well|alright|all right|okay)$|(make|keep) it (quick|short|brief|snappy)|be (quick|brief)|you win|(worn|wore|talked|twisted|convinced|persuaded|sold|got) (me|my arm)( down| into| out| round| around|)|(might|may) as well|have it your way|against my better|just this once|do worse|it will (have to |)do|(suppose|guess|reckon|imagine|expect) (so|i could|we could|i can|we can|i will|that is|that would|that will|it is|it could|it would|it can|yes|there is no harm|why not|i might|we might|you can|you could|i should|we should)|^(yeah |yes |well |)i (suppose|guess)$|(seeing|since|given) (as |that |)(it is|you)|(what is there|nothing|what have i got|what have we got|not much|what do i have|what do we have|got nothing) to lose|{iwe} will live|that will do|no skin off|beats (sitting|doing|staying)|(it |that |)(can|could|would|will) not (hurt|kill me)|no harm in|where is the harm|what is the harm|stop going on|if only to|let us get it over|why fight it|(give|get) it a (go|try|shot|whirl)",
    ),
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
        Yes,
        "(live|work) with that|(give|gave) my (right|left|eye)*|(hell|heck) yeah|what the (hell|heck) (let|why|go|okay|sure|yes|sign|put|book)*|(nothing|not a thing|no place) {iwe} would (like|love|enjoy|rather)*|(can|could|do) not (imagine|see|think of|know|understand) * (would|should|could|why) not|(of course|course|sure|certainly|naturally) (i|we) (am|are|do|will|would|want|can|could|might)|(talked|twisted|persuaded|wore) (me|my)*|(i am|we are) (sold|convinced|persuaded|all over it|yours)|(made|make) my (day|week|year)|(just|exactly|precisely) (the thing|the ticket|what i|what we|right|my kind)*|(where|what) (have you been|took you)*|(best|greatest) (news|idea|thing|offer)*|count (me|us) (as |)(a yes|in|interested)|(you have|you got) (me|yourself a deal|a deal|my vote|my attention|my yes|a customer)|(consider|call) (it|me) (done|a deal|booked|sold|convinced|interested)|you (can|may) (put|sign|book|count|send|do|go)|(i have|i have got) (always|been) (wanted|meaning|looking|hoping|waiting|dying)*|(been|was) (hoping|waiting|looking|meaning|dying|wanting) *|(first in line|front of the queue|on my way|see you (then|there|tuesday|on)|looking forward|all for it|right behind|nod|thumbs up|green light|rain or shine|with pleasure|with knobs on|by all accounts|dead keen|chuffed|buzzing|ace|spot on|right then|righto|righty|rightio|okie|roger|ten four|aye aye|ay|affirmative|for certain|no question|i am your man|hundred|yessir|yes sir|yes indeed|indeed|most definitely|most certainly|too true)",
    ),
    (
        Yes,
        "if (it is|you are) (not|no|quick|free|really|sure|not too) *(yes|then|sure|okay|put|book|go|why not)|(fine|okay|alright|all right|sure|go on) (i will|i guess|i suppose|if|since|you have|just|but|let us|we can|we will|put|whatever|then)|(can|will) (give|spare) (you |)(a|five|two|ten|one|a few|a couple)*|for (the sake|an easy life|old times|a quiet life|peace)*|to (shut|get you|keep the peace|be polite)*|(wore|beaten|broke|wear) (me|you) down|(resistance is|why fight)|(got|have) (me|us) (there|convinced|over a barrel)|(suppose|guess) (i|we|it|that|you|there|so)*|(no harm|not the end|could be worse|not fussed either way but)*(trying|of the world|yes|fine|okay)|(just to|only to) (please|humour)*|(would|will) (make do|have to do)|(there is )*no getting out of it|needs must|(oh |)alright alright|fine fine|okay okay|yes yes|yeah yeah (okay|fine|sure|go)",
    ),
    (
        Yes,
        "(will|would|that will|might|thursday will|it will) (just |)have to do|have to do$|i do remember|(oh|yes|ah) (i |)remember",
    ),
    (
        Yes,
        "now is (as |a |)(good|fine|perfect|great|okay|ideal)( a|)( time|)( as any|)|(have|got|can spare|have got) (a|a few|five|ten|two|plenty of|some|all the|all) (minute|minutes|moment|second|sec|time|day|free)|no time like the present|caught me at a good",
    ),
    // Questions that mean yes.
    (
        AskedYes,
        "(would|could|will) not (have |be |)* if {iwe} (was|were|did|am|do|had|had not) not*|(is|are|was) not (a|any|one|anything|much|many) * that (do|does|would|will|is|can|are|could) not|(can|could|do) not (very well|exactly|really|in good conscience|possibly|rightly|well) (say no|refuse|object|argue)*",
    ),
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
    // Praise and readiness, which may still be taken back.
    (
        LeanYes,
        "would not (say|call) (it|that|this) (is |)(unreasonable|bad|unfair|impossible|a bad|silly|a waste|out of the question)*",
    ),
    (
        LeanYes,
        "{bei} tempted|i do like|(sounds|looks|seems) (very |really |pretty |quite |so |absolutely |)(good|great|fine|okay|interesting|perfect|nice|lovely|reasonable|fair|tempting|wonderful|amazing|fantastic|brilliant|like a plan|like a|all right|decent|ideal|alright)|(it|that|this) is (very |really |quite |so |)(tempting|nice|great|lovely|kind|a (great|good|nice|lovely|generous|fair|tempting|decent) (offer|deal|idea|price|thought|product|service|program|course))|(price|deal|offer|terms) (is|are|sounds|seems) (very |pretty |quite |really |)(fair|reasonable|good|fine|great|okay|alright|right)|good price|great (offer|deal|idea)|(do|would) not mind",
    ),
    // A no undone.
    (
        Undone,
        "(not (that|like|because)|does not mean|is not (that|like|because)) (i|we) (am|was|would|do|did|will|could|were|are|have|have got) (not|against|opposed|too)( interested| tempted| want| need| like| come| curious| keen| going| sure| love| appreciate| trust| care|)( it| that| to| one|)",
    ),
    // A no not said.
    (
        Hedge,
        "(never|did not|have not|am not|are not|is not|not|can not|could not|would not|nobody|no one|who) (really |ever |exactly |actually |)(said|say|saying|saying that|say that|said that|claim|claimed|pretend|refusing|turning|deny|gonna say) (that |)(no|{iwe} (am|was|would|do|did|will|could|were|are|have) not|not|it is not|never|you down|{iwe} (refuse|refused|object|mind|hate|dislike))( interested| tempted| want| need| like| come| curious| keen| going| sure|)( it| that| to| one|)",
    ),
    (
        Hedge,
        "(would|do|did|does) not (hate|dislike)|not without (interest|appeal|its)|(would|is|could) not (be |)the worst",
    ),
    (
        Hedge,
        "yes and no|no and yes|yes but no|no but yes|yeah but no|no but yeah",
    ),
];
