//! English. Cues that say no, or leave a no open.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use super::super::Sense::{self, *};

pub(in super::super) const CUES: &[(Sense, &str)] = &[
    // Refusals, plain, polite and idiomatic; what others forbid.
    (
        No,
        "(actually|so|but|and|then|oh|wait) no$|(actually|but|oh|wait) no {iwe}|{iwe} can not (that|on|this|then|do)|{iwe} can not$|wide berth",
    ),
    (
        No,
        "fat lot of good*|that will be the day|(have|has|had) changed (my|our) (mind|minds)|(second|third) thoughts|you are (all right|alright|okay|good) (thanks|thank|love|mate|ta)|^(nah|no|nope) (you are|that is|it is) (all right|alright|okay|good|fine)|{iwe} must (say no|decline|refuse|pass)|(we|i|are|will be) (are |will be |)away (that|then|for|on|next)*|(do|does|did|have) not (fancy|rate|trust|get on with) *",
    ),
    (
        No,
        "(am|are|is|was) not (going|coming|attending|doing it|having it|buying|signing|taking|changing|moving|interested|for it|for sale|bothered|fussed|sold|convinced)( today| anywhere| now| in|)$",
    ),
    (
        No,
        "(so|and|but|then) {iwe} (will|would|do|can) not (be |)*(switch|change|go|come|buy|need|want|bother|take|do|be|sign|move|continue)*|nothing (for you|today|to offer|thanks|thank you)|(too|bit|little) (big|small|much|far|old|young|late|complicated|risky|good) (for|to) (me|us|my|our|be true)|born (yesterday|last)|(sounds|seems|looks) (dodgy|fishy|suspicious|too good)",
    ),
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
        No,
        "(wife|husband|partner|son|daughter|boss|mum|mom|mother|dad|father|landlord|missus|hubby|other half|family|kids|doctor|he|she|they|better half|company|spouse) (will|would|does|do|did|is|says|said|has|already|just) (not (let|allow|want|like|approve|agree|need|have it|keen|interested|hear|be)|no|we do not|we have|he does not|she does not|against|would kill|would never|never)*|(not allowed|forbidden|not permitted|not my (decision|call) and)",
    ),
    (
        No,
        "like turkeys|(barge pole|ten foot pole|bargepole)|all the tea in china|for love nor money|not for (love|anything|a million|all)*|would not (touch|be seen dead|be caught dead|give you|have it if|take it if|want it if|use it if|if you)*|(you are|you have been) (flogging|wasting|barking|talking to the wrong)*|(wasting your|waste of) (time|breath)|(sit|sitting) (this|that|it) (one |)out|(made|have|got) other (arrangements|plans|commitments|ideas|priorities)|(not|hardly) (my|our) (idea|problem|job|concern)*|(fell|fall) for that|(rather|sooner) (watch|poke|stick|have teeth|eat|walk|sleep|die|spend)*|(leave|count|deal|include) (me|us) out|thanks but|kind offer but|(get|getting) rid of|(had|have had) (my|our) fill|no thank|(been|got) burned|once bitten|(washed|wash) my hands|(cold|hell) day in|not with (my|your) |(zero|no) (chance|interest|point|appeal|desire)|(done|finished) with (that|all|this)|(do|does) nothing for (me|us)|not (worth|the) (it|the (hassle|bother|trouble|effort|time))|more trouble than|(no|not any) use (to|for) (me|us)|(past|beyond) (that|all that|it)|too (old|far|late|long in the) *(for (that|this|it|me|us)|)$|(say|saying|said) (it is |)(a )no from",
    ),
    (
        No,
        "(could|can) (not |)care less|(never|did not) (say|said) (that |){iwe} (was|am|were|are|wanted|want|needed|need|would) (interested|it|that|to|anything|one|this|in|keen|like|a)*",
    ),
    // Questions that mean no.
    (
        AskedNo,
        "what would be the (point|use|good)|(when|where) did (i|we) (ever |)(say|ask|tell|request|agree)*",
    ),
    (
        AskedNo,
        "(does|do|has|have|would|did) (anyone|anybody|people|someone|somebody) (actually|really|ever|even|still|seriously)*|(have|has) not {iwe} (got |had |)(enough|better|suffered)*|^(and |so |oh |)(you|you people|you guys) (really |honestly |seriously |)(think|expect|reckon|believe) (i|we|that|me|anyone)*",
    ),
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
    (
        AskedNo,
        "what (would|could|on earth would|in the world would) (possess|make|persuade|convince|induce) (me|us)*|(when|where) (have|did|do) {iwe} ever (need|needed|want|wanted|ask|asked|use|used)*|what (part of|about) (no|not interested)*|why (do|can) you not (get|understand|listen|take)*|(how|in what) (on earth |)(is|would) (that|this|it) (help|useful|any of|my|supposed)*|(and|so) why (should|would)*|(am|are) {iwe} (made of|supposed to care)*",
    ),
    // Not needed, or only waved aside.
    (
        NoNeed,
        "(there is |)no need( for|)|never mind|do not bother|need not|not necessary|(do|does) not (need|have) (to|you)|(no|not any) (need|use|point|reason) (for|in|to)|forget (it|about it|the|about)",
    ),
    // Distance and excuses.
    (
        LeanNo,
        "not (really |quite |exactly |particularly |)(my (thing|cup|bag|scene|style|department|kind|idea)|what (i|we)|a (big |huge |)fan|a priority|ideal|great|convinced|crazy about|mad about|fond|big on|one for|a good|the best|the right)|not really|not (so|as) (keen|sure about)|(sadly|unfortunately|regrettably|alas|afraid|pity|shame)|(not|never) (been |)(one for|much of)|(thanks|thank you) (for (the|your|calling|ringing|thinking)|anyway|all the same)|(i|we) appreciate (the|your|it|you)|(very|so|too|that is|really) (kind|nice|sweet|good|thoughtful|generous) of you|do not (really |)(do|go in for|trust|believe|see)|(good luck|have a (nice|good|lovely|great) (day|one|evening|afternoon))|other (plans|commitments)|too (old|late|busy|far|much hassle|much trouble)",
    ),
];
