# Strengths behind choices. Usage: Rscript golden_choices.R preference_ties.csv ranking_places.csv golden_choices.json [further preference trials]
# psychotools (0.7), BradleyTerry2 (1.1), survival (3.5), sandwich (3.0): Davidson's model, Bradley-Terry, Plackett-Luce as exploded logit, pick the best
suppressPackageStartupMessages({library(psychotools);library(BradleyTerry2);library(survival);library(sandwich);library(jsonlite)})
args<-commandArgs(TRUE)
# one row an alternative: strengths (last system 0), tie, first place; robust errors by participant without the factor G/(G-1)
clogit_of<-function(x,choice,set,who) {d<-data.frame(choice=choice,set=set,who=who,x)
 f<-as.formula(paste("choice~",paste(colnames(x),collapse="+"),"+strata(set)"))
 m<-clogit(f,d,method="efron",cluster=who,robust=TRUE,control=coxph.control(eps=1e-12,toler.chol=1e-14,iter.max=100))
 list(coef=as.list(coef(m)),naive=unname(m$naive.var),robust=unname(m$var),logLik=m$loglik[2])}
pairs_of<-function(d,order=TRUE) {S<-sort(unique(c(d$system_a,d$system_b)),method="radix");k<-length(S);E<-rbind(diag(k-1),0)
 ties<-any(d$answer=="tie");n<-nrow(d);a<-E[match(d$system_a,S),,drop=FALSE];b<-E[match(d$system_b,S),,drop=FALSE]
 x<-rbind(cbind(a,0,1),cbind(b,0,0),if(ties)cbind((a+b)/2,1,0));colnames(x)<-c(paste0("s",seq_len(k-1)),"tie","first")
 use<-c(colnames(x)[seq_len(k-1)],if(ties)"tie",if(order)"first");ans<-c("a","b",if(ties)"tie")
 c(list(systems=S,n=n),clogit_of(x[,use,drop=FALSE],as.integer(rep(ans,each=n)==rep(d$answer,length(ans))),rep(seq_len(n),length(ans)),rep(d$participant,length(ans))))}
tools_of<-function(d,undecided,position) {S<-sort(unique(c(d$system_a,d$system_b)),method="radix");pr<-combn(length(S),2);pr<-pr[,order(pr[2,],pr[1,])]
 # a paircomp holds one comparison of each pair a row: songs and participants are rows; first places by -1/1 as the row's order asks
 rows<-split(d,paste(d$participant,d$song));m<-t(sapply(rows,function(r) apply(pr,2,function(p){i<-which(r$system_a==S[p[1]]&r$system_b==S[p[2]]);j<-which(r$system_a==S[p[2]]&r$system_b==S[p[1]])
  if(length(i)) c(a=1,b=-1,tie=0)[[r$answer[i]]] else if(length(j)) c(a=-1,b=1,tie=0)[[r$answer[j]]] else NA})))
 f<-btmodel(paircomp(m,labels=S),undecided=undecided,ref=S[length(S)]);list(systems=S,coef=as.list(coef(f,all=TRUE)),vcov=unname(vcov(f)),logLik=as.numeric(logLik(f)))}
d<-read.csv(args[1],stringsAsFactors=FALSE);S<-sort(unique(d$system_a),method="radix")
R<-list(ties=list(clogit=pairs_of(d),clogit_no_order=pairs_of(d,FALSE),psychotools=tools_of(d,TRUE,FALSE)))
w<-d[d$answer!="tie",];for(v in c("system_a","system_b")) w[[v]]<-factor(w[[v]],levels=S)
bt<-function(w){m<-BTm(as.integer(w$answer=="a"),system_a,system_b,data=w,refcat=tail(levels(w$system_a),1),epsilon=1e-13);list(coef=as.list(coef(m)),vcov=unname(vcov(m)),clustered=unname(vcovCL(m,cluster=w$participant,type="HC0",cadjust=TRUE)),deviance_of_trials=deviance(m))}
R$no_ties<-list(systems=S,BradleyTerry2=bt(w),clogit=pairs_of(d[d$answer!="tie",],FALSE))
# a ranking is one choice after the other among those that are left (Plackett-Luce); the first of them is a pick of the best
explode<-function(r,S,stages) {E<-rbind(diag(length(S)-1),0);colnames(E)<-paste0("s",seq_len(length(S)-1));X<-NULL;y<-NULL;set<-NULL;who<-NULL;k<-0
 for(one in split(r,paste(r$participant,r$song))) {one<-one[order(one$place),];for(j in seq_len(min(stages,nrow(one)-1))) {k<-k+1;left<-one[j:nrow(one),]
  X<-rbind(X,E[match(left$system,S),,drop=FALSE]);y<-c(y,1,rep(0,nrow(left)-1));set<-c(set,rep(k,nrow(left)));who<-c(who,left$participant)}}
 c(list(systems=S),clogit_of(X,y,set,who))}
r<-read.csv(args[2],stringsAsFactors=FALSE);S<-sort(unique(r$system),method="radix")
R$ranking<-explode(r,S,Inf);R$best<-explode(r,S,1)
if(length(args)>3){p<-read.csv(args[4],stringsAsFactors=FALSE);T<-sort(unique(c(p$system_a,p$system_b)),method="radix");for(v in c("system_a","system_b")) p[[v]]<-factor(p[[v]],levels=T);R$further<-c(list(systems=T),bt(p))}
if(length(args)>4){c0<-read.csv(args[5],stringsAsFactors=FALSE);c0<-c0[c0$system %in% c0$system[c0$rating==1],];full<-ave(c0$rating,c0$participant,c0$song,FUN=sum)==1;c0<-c0[full,];c0$place<-2-c0$rating;R$picked<-explode(c0,sort(unique(c0$system),method="radix"),1)}
write_json(R,args[3],digits=NA,auto_unbox=TRUE,pretty=FALSE)
