# Denominator degrees of freedom of lmerTest's F test under other orders of the systems' names.
# Usage: Rscript golden_names.R <out.json> synA_balanced.csv
# Three unbalanced parts of the set, by number of the row from 1: two thirds of all rows, unequal shares of the systems,
# and one song of the last system. For each, three orders: the alphabet, and those of the least and greatest number.
suppressPackageStartupMessages({library(lmerTest);library(jsonlite)})
options(contrasts=c("contr.sum","contr.poly"))
ctl<-lmerControl(optimizer="bobyqa",optCtrl=list(rhoend=1e-10,maxfun=2e5),calc.derivs=FALSE,check.conv.singular="ignore")
args<-commandArgs(TRUE); d<-read.csv(args[2])
systems<-sort(unique(d$system)); drawn<-((seq_len(nrow(d))*7919)%%1000)/1000
share<-setNames(c(.95,.3,.9,.1),systems)
parts<-list(gaps=d[drawn<2/3,],rare=d[drawn<share[d$system],],one_song=d[d$system!=systems[4]|d$song=="song01",])
orders<-list(gaps=list(c(3,1,2,4),c(2,1,3,4)),rare=list(c(3,1,4,2),c(1,4,3,2)),one_song=list(c(3,1,4,2),c(3,4,1,2)))
df2<-function(rows,order){rows$system<-factor(rows$system,levels=systems[order])
 m<-suppressMessages(lmer(rating~system+(1|participant)+(1|song)+(1|participant:system)+(1|song:system)+(1|participant:song),rows,control=ctl))
 a<-anova(m); list(order=systems[order],f=a[["F value"]],df2=a$DenDF)}
write_json(lapply(setNames(nm=names(parts)),function(p) lapply(c(list(1:4),orders[[p]]),function(o) df2(parts[[p]],o))),
 args[1],digits=NA,auto_unbox=TRUE)
