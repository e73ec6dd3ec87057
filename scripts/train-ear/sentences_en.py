"""What people say to an outbound call in English, learners among them."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "fifteenth",
            "twentieth", "twenty first", "thirtieth")
FIRST = "james mary john linda robert susan michael karen david lisa william nancy richard betty thomas sandra daniel ashley matthew emily " \
        "anthony michelle mark amanda steven laura kevin rachel brian maria wei jing ahmed priya carlos elena".split()
LAST = "smith johnson williams brown jones garcia miller davis wilson anderson taylor moore jackson martin lee thompson white harris clark lewis " \
       "walker hall young king wright scott green baker nelson carter chen wang patel nguyen kim lopez".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
STREETS = ["main street", "oak avenue", "park road", "maple drive", "second street", "lake view drive", "church street", "elm street", "hill road", "washington avenue"]
TOWNS = "springfield denver boston seattle chicago houston phoenix dallas austin portland atlanta pittsburgh london leeds toronto sydney".split()
THINGS = ["the kitchen", "the bathroom", "the roof", "the course", "the loan", "my order", "the payment", "my account", "the insurance", "the delivery",
          "the appointment", "the visit", "the estimate", "the invoice", "the basement", "the deck", "the windows", "my car", "the trial lesson"]
SHORT = """yes
yes please
yeah
yep
sure
okay
ok
no
nope
no thank you
no thanks
not really
not now
maybe
maybe later
of course
absolutely
that's right
that's correct
that's wrong
correct
speaking
this is she
this is he
who is this
who's calling
hello
hi
good morning
sorry
pardon
what
say that again
could you repeat that please
i can't hear you
you're breaking up
hold on
just a moment
one second
go ahead
i'm driving
i'm at work
i'm busy right now
i'm in a meeting
call me back later
call me tomorrow
not interested
i'm not interested
i am interested
tell me more
how much is it
that's too expensive
i need to think about it
i have to ask my wife
i'll talk to my husband
don't call me again
stop calling me
take me off your list
remove my number
wrong number
you have the wrong number
he's not here
she's not home
are you a robot
is this a recording
am i talking to a real person
let me talk to a person
can i speak to a manager
transfer me
operator
send me an email
text me
send me the details
we already have one
i already paid
i paid last week
i don't have time
sounds good
that works
that works for me
fine
that's fine
great
perfect
thank you
thanks
bye
goodbye
i don't know
i'm not sure
i forgot
it depends
what do you mean
i don't understand
my english is not good
speak slowly please
help
stop
start
repeat
cancel
confirm
go back
main menu
enter
erase
next
up
down
left
right
on
off""".split("\n")
PLAIN = """i go to work by bus
my mother is a teacher
she likes to read books
we have two children
he is my brother
the weather is very nice today
i want to buy a new phone
can you help me please
i like music and movies
they are playing in the park
there is a cat under the table
what time does the train leave
i would like a cup of coffee
the book is on the desk
my father works in a hospital
it takes about ten minutes
i have been here for three years
we are going to the beach
please open the window
he runs faster than me
i did not sleep well last night
the food was very delicious
do you know where the bank is
she has long black hair
i will see you next week
this room is too small
we should leave before it rains
my favorite color is blue
the movie was not interesting
he forgot to bring his keys
you can find it on the internet
i think it is a good idea
the children are happy
she spoke in a quiet voice
it was a long way from the town
nobody knew what had happened
the old man sat by the fire
i never said that
they came back in the evening
the road was covered with snow""".split("\n")
LEAD = ["", "", "", "", "", "well ", "um ", "yeah ", "no ", "okay ", "so ", "oh ", "sorry ", "actually ", "uh "]


def make(r):
    """One sentence; `r` is a random.Random."""
    c = r.choice
    clock = lambda: c([f"{c(DIGITS[1:] + TEENS[:3])} {c(['', 'thirty', 'fifteen', 'forty five', 'oclock'])}".replace("oclock", "o'clock").strip(),
                       f"{c(['half past', 'quarter to', 'quarter past'])} {c(DIGITS[1:])}"]) + c(["", " in the morning", " in the afternoon", " P M", " A M"])
    date = lambda: c([c(DAYS), "next " + c(DAYS), "tomorrow", "the day after tomorrow", "this weekend", f"{c(MONTHS)} {c(ORDINALS)}",
                      f"{c(MONTHS)} {number(r.randint(1, 30))}", f"the {c(ORDINALS)} of {c(MONTHS)}", f"{c(MONTHS)} {number(r.randint(1, 30))} nineteen {number(r.randint(50, 99))}"])
    money = lambda: c([f"{number(r.randint(1, 99))} dollars", f"{number(r.randint(1, 40))} thousand dollars", f"{number(r.randint(2, 9))} hundred",
                       f"about {number(r.randint(1, 50))} thousand", f"{number(r.randint(1, 99))} percent", f"{number(r.randint(3, 90))} dollars and {number(r.randint(10, 99))} cents"])
    name = lambda: f"{c(FIRST)} {c(LAST)}"
    spelled = lambda: " ".join(c(FIRST + LAST + TOWNS).upper())  # capitals are said as letters
    address = lambda: f"{number(r.randint(2, 999))} {c(STREETS)}"
    return c([
        lambda: c(SHORT), lambda: c(SHORT), lambda: c(LEAD) + c(SHORT), lambda: f"{c(SHORT)}, {c(SHORT)}",
        lambda: c(PLAIN), lambda: c(LEAD) + c(PLAIN),
        lambda: f"{c(['call me on', 'how about', 'can you come', 'i am free', 'let us do', 'not', 'maybe'])} {date()} {c(['', 'at ' + clock()])}",
        lambda: date(), lambda: clock(), lambda: f"{date()} at {clock()}",
        lambda: f"{c(['i want to ask about', 'it is about', 'how much is', 'when is', 'i have a question about', 'i already did', 'we finished'])} {c(THINGS)}",
        lambda: f"{c(['around', 'it was', 'my budget is', 'no more than', 'i can pay', 'i owe', ''])} {money()}",
        lambda: f"{c(['my name is', 'this is', 'i am', 'ask for', 'may i speak to'])} {name()}", lambda: name(), lambda: f"{name()}, {spelled()}",
        lambda: spelled(), lambda: f"{c(['i live at', 'the address is', 'it is', ''])} {address()}, {c(TOWNS)}", lambda: address(),
        lambda: f"{c(['my number is', 'you can reach me at', 'the code is', 'it is', 'call', 'the last four are', ''])} {digits(r)}", lambda: digits(r), lambda: digits(r),
        lambda: f"{c(['enter', 'erase', 'rubout', 'repeat', 'the reference is'])} {' '.join(c('ABCDEFGHIJKLMNOPQRSTUVWXYZ') for _ in range(r.randint(2, 5)))} {digits(r, [1, 2, 3])}",
        lambda: f"{c(['it is a', 'we have a', 'i own a'])} {number(r.randint(1, 9))} bedroom {c(['house', 'apartment', 'condo'])}",
        lambda: f"{number(r.randint(1, 90))} {c(['days', 'minutes', 'people', 'years', 'square feet', 'weeks', 'times'])}",
    ])().strip()


def digits(r, lengths=(3, 4, 5, 7, 8, 8, 8, 10)):
    n = r.choice(lengths)
    said = [r.choice(DIGITS) for _ in range(n)]
    if n > 3 and r.random() < 0.4:
        k = r.randrange(1, n)
        said[k] = said[k - 1]
    if r.random() < 0.25:
        said = ["oh" if d == "zero" else d for d in said]
    groups = {7: (3, 4), 8: (4, 4), 10: (3, 3, 4)}.get(n, (n,))
    out, at = [], 0
    for g in groups:
        out.append(" ".join(said[at:at + g]))
        at += g
    return (", " if r.random() < 0.6 else " ").join(out)


def number(n):
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return TEENS[n - 10]
    if n < 100:
        return (TENS[n // 10] + " " + (DIGITS[n % 10] if n % 10 else "")).strip()
    return (DIGITS[n // 100] + " hundred " + (number(n % 100) if n % 100 else "")).strip()
